/** Start once a page, however often it is asked to: by script elements, or by modules. */
import { type Chosen, choose } from "./options";
import { sendTo } from "./sending";
import { openStorage } from "./store";
import { begin, calls } from "./tracker";
import type { Verbs } from "../whole/verbs";

/** The calls of the tracker. */
export type Footfall = typeof calls & Verbs;

type Call = [name: string, ...given: unknown[]];

declare global {
  interface Window {
    /** The tracker, or before it is there a stub, which has the calls made so far in `q`. */
    footfall?: Footfall & { q?: Call[] };
  }
}

/** Begin, and make the calls that were made before. Returns what the page has as `footfall`. */
export function start(chosen: Chosen, collector: string, extend?: () => void): Footfall {
  const { footfall } = window;
  if (footfall?.track && !footfall.q) return footfall;
  choose(chosen);
  sendTo(collector, chosen.key);
  const all = (window.footfall = calls as Footfall);
  extend?.();
  openStorage();
  begin();
  for (const [name, ...given] of footfall?.q ?? []) (all as any)[name]?.(...given);
  return all;
}

/** Start with the attributes of the script element. A module has no current script. */
export function startFromElement(extend?: (source: string) => void): void {
  const script = document.currentScript ?? document.querySelector("script[src*=tracker][data-key]");
  const { dataset, src } = script as HTMLScriptElement;
  start(dataset, src, () => extend?.(src));
}
