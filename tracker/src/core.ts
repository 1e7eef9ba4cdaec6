/** The script without what it watches by itself. */
import { startFromElement } from "./core/start";

startFromElement();
