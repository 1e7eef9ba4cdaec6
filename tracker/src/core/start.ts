/** Start once a page, however often it is asked to: by script elements, or by modules. */
import { type Chosen, choose } from "./options";
import { sendTo } from "./sending";
import { openStorage } from "./store";
import { begin, calls } from "./tracker";

/** The calls of the tracker. */
export type Calls = typeof calls;

/** What a page has as `footfall`: the calls, or before they are there a stub with those made so far in `q`. */
interface Page {
  footfall?: Calls & { q?: [name: string, ...given: unknown[]][] };
}

/** Begin, and make the calls that were made before. Returns what the page has as `footfall`. */
export function start(chosen: Chosen, collector: string, extend?: () => void): Calls {
  const { footfall } = window as Page;
  if (footfall?.track && !footfall.q) return footfall;
  choose(chosen);
  sendTo(collector, chosen.key);
  (window as Page).footfall = calls;
  extend?.();
  openStorage();
  begin();
  for (const [name, ...given] of footfall?.q ?? []) (calls as any)[name]?.(...given);
  return calls;
}

/** Start with the attributes of the script element. A module has no current script; without any there is no key. */
export function startFromElement(extend?: (source: string) => void): void {
  const script = document.currentScript ?? document.querySelector("script[src*=tracker][data-key]");
  if (!script) return;
  const { dataset, src } = script as HTMLScriptElement;
  start(dataset, src, () => extend?.(src));
}
