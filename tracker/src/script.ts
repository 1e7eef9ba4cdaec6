/** The whole script. */
import { watchPage } from "./whole/automatic";
import { startFromElement } from "./core/start";
import { addWords } from "./whole/words";

startFromElement((source) => {
  addWords();
  watchPage(() => import(new URL("tracker.vitals.js", source).href));
});
