/** `footfall`, as a page has it: calls made before the tracker begins wait until it does. */
import { begin, methods } from "./tracker";
import { makeVerbs } from "./verbs";

type Call = [name: string, ...given: unknown[]];

/** Every call of the tracker. */
export type Footfall = typeof methods & { [verb: string]: (...given: any[]) => void };

/** Make the calls, and begin now, or when a prerendered page is shown. */
export function startTracker(earlier: Call[] = [], watch?: () => void): Footfall {
  const all: Footfall = { ...methods, ...makeVerbs(methods.track) };
  const waiting = [...earlier];
  const api: Footfall = { ...all };
  for (const name in all) api[name] = (...given) => void waiting.push([name, ...given]);
  const start = () => {
    Object.assign(api, all);
    begin();
    watch?.();
    for (const [name, ...given] of waiting) all[name]?.(...given);
  };
  if ((document as Document & { prerendering?: boolean }).prerendering) {
    document.addEventListener("prerenderingchange", start, { once: true });
  } else start();
  return api;
}
