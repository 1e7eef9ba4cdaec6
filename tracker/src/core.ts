/** The script without what it watches by itself. */
import { startFromElement } from "./element";

startFromElement();
