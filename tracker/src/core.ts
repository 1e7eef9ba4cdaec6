/** The script without what it watches by itself. */
import { startFromElement } from "./start";

startFromElement();
