/** What may be known of the person: everything the site asks for, page views of no one, or nothing at all. */
import { firstRule, option } from "./options";
import { kept } from "./store";

export const NAMED = 2;
export const PRIVATE = 1;
export const SILENT = 0;

/** Asked at each event: the choice may have been made in another tab. */
export function consent(): number {
  const ignored = option("ignore");
  const choice = kept("choice");
  if (kept("ignore") || ignored === "" || (ignored && firstRule(ignored, location.pathname))) return SILENT;
  if (option("consent") === "required" && choice !== "in") return SILENT;
  const objects = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  return objects || choice === "out" || option("optOut") != null ? PRIVATE : NAMED;
}

declare global {
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
}
