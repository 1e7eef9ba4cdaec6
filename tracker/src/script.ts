/** The whole script. */
import { watchPage } from "./automatic";
import { startFromElement } from "./start";
import { addWords } from "./words";

startFromElement((source) => {
  addWords();
  watchPage(() => import(new URL("tracker.vitals.js", source).href));
});
