/** Who acts: the device, the user, the client's session, and the count of the device's events. */
import { options } from "./options";
import { isLasting, keep, kept } from "./store";

let session: string | undefined;

/** A random UUID; `crypto.randomUUID` is not there on plain http. */
export function uuid(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );
}

/** The ids of an event of this moment. Without a device id the collector derives the device. */
export function identity() {
  const user_id = kept("user");
  if (options.identity) return { user_id };
  const anonymous_id = kept("device") ?? uuid();
  // Each time: a cookie lives a year longer.
  keep("device", anonymous_id);
  return { anonymous_id, user_id, session_id: (session ??= uuid()) };
}

/** The next event is of another session of the client. */
export function endClientSession(): void {
  session = undefined;
}

/** The first of so many numbers, counted over all tabs of the device; undefined where nothing lasts. */
export function takeNumbers(count: number): number | undefined {
  if (!isLasting) return;
  const first = +(kept("sequence") ?? 0);
  keep("sequence", `${first + count}`);
  return first;
}

/** Forget the person. */
export function forgetPerson(): void {
  keep("user");
  keep("device");
  keep("sequence");
  session = undefined;
}
