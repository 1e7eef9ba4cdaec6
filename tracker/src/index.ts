/** `@footfall/tracker`: the same tracker as the script, for a page that is bundled. */
import { watchPage } from "./whole/automatic";
import type { Chosen, Options } from "./core/options";
import { start } from "./core/start";
import { type Footfall, addWords } from "./whole/words";

export type { Footfall, Options };
export type { Description } from "./core/view";

/** Start the tracker of this page; once, however often it is called. On a server its calls do nothing. */
export function init({ collector, ...options }: Options & { collector: string }): Footfall {
  if (typeof window === "undefined") return new Proxy({} as Footfall, { get: () => () => undefined });
  return start(asAttributes(options), collector.replace(/\/?$/, "/"), () => {
    addWords();
    watchPage(() => import("./whole/vitals"));
  }) as Footfall;
}

declare global {
  interface Window {
    footfall?: Footfall;
  }
}

const SWITCHES = ["hash", "optOut", "ignore"];

/** As a script element would have them. */
function asAttributes(options: object): Chosen {
  const chosen: Record<string, string> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === true) chosen[name] = "";
    else if (value === false && !SWITCHES.includes(name)) chosen[name] = "off";
    else if (value != null && value !== false) chosen[name] = String(value);
  }
  return chosen;
}
