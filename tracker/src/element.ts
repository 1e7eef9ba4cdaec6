/** The script element that brought the tracker: it holds the options, and where to send. */
import { type Footfall, startTracker } from "./api";
import { option, readOptionsFrom } from "./options";
import { sendTo } from "./sending";

declare global {
  interface Window {
    footfall?: Footfall;
  }
}

/** Start once, however often the script is on the page. The stub has the calls that were made before. */
export function startFromElement(watch?: (source: string) => void): void {
  const stub = window.footfall as unknown as { q?: [string, ...unknown[]][] } | undefined;
  if (stub && !stub.q) return;
  // A module has no current script, and some loaders make an element without attributes.
  const found = document.currentScript ?? document.querySelector("script[src*=tracker][data-key]");
  const script = found as HTMLScriptElement | null;
  const source = script?.src;
  if (!source) return console.warn("footfall: no script with data-key on this page");
  const parameters = new URL(source).searchParams;
  readOptionsFrom((name) => script.dataset[name] ?? parameters.get(name));
  sendTo(source, option("key") ?? "");
  window.footfall = startTracker(stub?.q, watch && (() => watch(source)));
}
