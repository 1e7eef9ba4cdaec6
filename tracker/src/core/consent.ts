/** What may be known of the person. */
import { hooks } from "./hooks";
import { options } from "./options";
import { kept } from "./store";

export const enum Level {
  /** Nothing is stored or sent. */
  SILENT,
  /** Page views count, as those of no one. */
  PRIVATE,
  NAMED,
}

/** Asked at each event: the choice may have been made in another tab. */
export function consent(): Level {
  const { ignore } = options;
  const choice = kept("choice");
  if (kept("ignore") || (ignore != null && hooks.fit_(ignore, hooks.address_())) || (options.consent && choice !== "in")) return Level.SILENT;
  const objects = navigator.globalPrivacyControl || navigator.doNotTrack === "1" || choice === "out";
  return objects || options.optOut != null ? Level.PRIVATE : Level.NAMED;
}

declare global {
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
}
