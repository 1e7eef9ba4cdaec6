/** What the browser keeps for the site, in localStorage or in a cookie of its domain; in memory where it keeps nothing. */
import { option } from "./options";

const PREFIX = "footfall.";
const YEAR_SECONDS = 31_536_000;

const memory: Record<string, string | undefined> = {};
let refused = false;

/** Whether what is kept outlives the page. */
export function isLasting(): boolean {
  return !refused && option("identity") !== "cookieless";
}

/** Read at each use: another tab may have changed it. */
export function kept(name: string): string | undefined {
  if (isLasting()) {
    try {
      return stored(PREFIX + name) ?? undefined;
    } catch {
      refused = true;
    }
  }
  return memory[name];
}

/** Keep a value, or drop it: undefined. */
export function keep(name: string, value?: string): void {
  memory[name] = value;
  if (!isLasting()) return;
  try {
    write(PREFIX + name, value);
    refused = (stored(PREFIX + name) ?? undefined) !== value;
  } catch {
    refused = true;
  }
}

function stored(name: string): string | null | undefined {
  if (!option("domain")) return localStorage.getItem(name);
  const found = `; ${document.cookie}`.split(`; ${name}=`)[1];
  return found && decodeURIComponent(found.split(";")[0]);
}

function write(name: string, value?: string): void {
  const domain = option("domain");
  if (domain) {
    const age = value == null ? 0 : YEAR_SECONDS;
    const secure = location.protocol === "https:" ? ";secure" : "";
    const text = encodeURIComponent(value ?? "");
    document.cookie = `${name}=${text};domain=${domain};path=/;max-age=${age};samesite=lax${secure}`;
  } else if (value == null) localStorage.removeItem(name);
  else localStorage.setItem(name, value);
}
