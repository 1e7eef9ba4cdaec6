/** `@footfall/tracker`: the same tracker as the script, for a page that is bundled. */
import { type Footfall, startTracker } from "./api";
import { watchPage } from "./automatic";
import { type Options, readOptionsFrom } from "./options";
import { sendTo } from "./sending";

export type { Footfall, Options };
export type { Description } from "./view";

/** Start the tracker of this page; once, however often it is called. On a server its calls do nothing. */
export function init(options: Options & { collector: string }): Footfall {
  if (typeof window === "undefined") return new Proxy({} as Footfall, { get: () => () => undefined });
  const stub = window.footfall as unknown as { q?: [string, ...unknown[]][] } | undefined;
  if (stub && !stub.q) return window.footfall as Footfall;
  readOptionsFrom((name) => options[name]);
  sendTo(options.collector.replace(/\/?$/, "/"), options.key);
  return (window.footfall = startTracker(stub?.q, () => watchPage(() => import("./vitals"))));
}
