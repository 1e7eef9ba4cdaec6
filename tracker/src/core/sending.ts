/** From the queue to the collector: in batches, again after a failure, and at once when the page is left. */
import { Level, consent } from "./consent";
import { isVisible } from "./engagement";
import { encodeHeld, isStored, queue, remove, shorten } from "./queue";

const enum Limit {
  /** Beacons and `keepalive` take 64 KB at a time. */
  BYTES = 60_000,
  HOLD_MS = 1_000,
  WAIT_MS = 300_000,
}

let endpoint: URL;
let timer = 0;
let retryAt = 0;
let failures = 0;
let hasWarned: boolean;
let underWay: string[] = [];

/** Send to the collector at this address, with this key. */
export function sendTo(collector: string, key?: string): void {
  endpoint = new URL(`v1/events?key=${key}`, collector);
}

/** Send in a moment what is held until then. Tabs count one after the other. */
export function sendSoon(): void {
  timer ||= setTimeout(async () => {
    try {
      await navigator.locks.request("footfall", { signal: AbortSignal.timeout(Limit.HOLD_MS) }, encodeHeld);
    } catch {
      // No locks on plain http.
    }
    send();
  }, Limit.HOLD_MS) as unknown as number;
}

/** The network is back. */
export function retry(): void {
  retryAt = 0;
  sendSoon();
}

/** Send all that is not under way; at the page's end that, too, as its answer will not be seen. */
export function send(isEnd?: boolean): void {
  // What is held from now on waits its own time.
  clearTimeout(timer);
  timer = 0;
  encodeHeld();
  if (!isEnd && Date.now() < retryAt) return shorten();
  let names = [...queue.keys()].filter((name) => isEnd || !underWay.includes(name));
  while (names.length) {
    let bytes = 0;
    const batch = names.filter((name, place) => (bytes += new Blob([queue.get(name)!]).size + 1) < Limit.BYTES || !place);
    names = names.slice(batch.length);
    if (!isEnd || !navigator.sendBeacon?.(endpoint, body(batch))) post(batch, isEnd);
    // What is stored stays until a page gets an answer for it.
    else if (!isStored()) remove(batch);
  }
}

async function post(batch: string[], isEnd?: boolean): Promise<void> {
  underWay.push(...batch);
  try {
    // On a navigation a page ends before it is hidden.
    const keepalive = isEnd || !isVisible();
    const answer = await fetch(endpoint, { method: "POST", body: body(batch), keepalive });
    if (/^5|429|408/.test(answer.status as unknown as string)) {
      wait(+answer.headers.get("retry-after")! || 0);
    } else {
      failures = 0;
      remove(batch);
      const content = await answer.json();
      if (!hasWarned && (content.error || content.rejected)) {
        hasWarned = true;
        console.warn("footfall:", content);
      }
    }
  } catch {
    wait(0);
  }
  underWay = underWay.filter((name) => !batch.includes(name));
}

function wait(seconds: number): void {
  const delay = Math.max(Math.random() * Math.min(Limit.WAIT_MS, 2_000 * 2 ** failures++), seconds * 1_000);
  retryAt = Date.now() + delay;
  shorten();
  setTimeout(sendSoon, delay);
}

function body(batch: string[]): string {
  return `{"sent_at":"${new Date().toISOString()}","consent":${consent() === Level.NAMED},"events":[${batch.map((name) => queue.get(name))}]}`;
}
