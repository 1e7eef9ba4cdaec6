/** The whole script. */
import { watchPage } from "./automatic";
import { startFromElement } from "./element";

startFromElement((source) => watchPage(() => import(new URL("tracker.vitals.js", source).href)));
