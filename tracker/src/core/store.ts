/** What the browser keeps for the site: by name and at once in all tabs, or in memory where it keeps nothing. */
import { hooks } from "./hooks";
import { options } from "./options";

export const PREFIX = "footfall.";

let storage: Record<string, string> = {};
/** Whether what is kept outlives the page. */
export let isLasting = false;

/** Find where to keep things. */
export function openStorage(): void {
  try {
    const found = !options.identity && hooks.storage_();
    if (!found) return;
    storage = found;
    isLasting = true;
  } catch {
    // The browser keeps nothing.
  }
}

/** Read at each use: another tab may have changed it. */
export function kept(name: string): string | undefined {
  return storage[PREFIX + name];
}

/** Keep a value, or drop it: undefined. */
export function keep(name: string, value?: string): void {
  try {
    if (value) storage[PREFIX + name] = value;
    else delete storage[PREFIX + name];
  } catch {
    // Refused, as others are in silence.
  }
  if (kept(name) === value) return;
  storage = { ...storage, [PREFIX + name]: value! };
  isLasting = false;
}
