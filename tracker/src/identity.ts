/** Who acts: the device, the user, the client's session, and the count of the device's events. */
import { isLasting, keep, kept } from "./store";
import { option } from "./options";

let session: string | undefined;

/** A random UUID; `crypto.randomUUID` is not there on plain http. */
export function uuid(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );
}

/** The ids of an event of this moment. Without a device id the collector derives the device. */
export function identity(): { anonymous_id?: string; user_id?: string; session_id?: string } {
  const user_id = kept("user");
  if (option("identity") === "cookieless") return { user_id };
  if (!kept("device")) keep("device", uuid());
  return { anonymous_id: kept("device"), user_id, session_id: (session ??= uuid()) };
}

/** Forget the client's session; the next event begins another. */
export function endClientSession(): void {
  session = undefined;
}

/** Numbers for so many events, counted over all tabs of the device; undefined where nothing lasts. */
export function nextSequence(count: number): number | undefined {
  const next = Number(kept("sequence") ?? 0);
  if (isLasting()) keep("sequence", String(next + count));
  return isLasting() ? next : undefined;
}

/** Forget the person. */
export function forget(): void {
  for (const name of ["user", "device", "sequence"]) keep(name);
  session = undefined;
}
