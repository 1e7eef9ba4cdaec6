/** From the queue to the collector: in batches, again after a failure, and at once when the page is left. */
import { NAMED, SILENT, consent } from "./consent";
import { encodeHeld, isStored, queue, remove } from "./queue";

/** Beacons and `keepalive` take 64 KB at a time. */
const MOST_BYTES = 60_000;
const MOST_EVENTS = 500;
const HOLD_MS = 1_000;
const LOCK_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

let endpoint: string;
let timer = 0;
let retryAt = 0;
let failures = 0;
let hasWarned = false;
const underWay = new Set<string>();

/** Send to this collector, with this key. */
export function sendTo(collector: string, key: string): void {
  endpoint = new URL(`v1/events?key=${encodeURIComponent(key)}`, collector).href;
}

/** Send what is held in a moment. */
export function sendSoon(delay = HOLD_MS): void {
  timer ||= setTimeout(() => {
    timer = 0;
    void send();
  }, delay) as unknown as number;
}

async function send(): Promise<void> {
  try {
    await navigator.locks.request("footfall", { signal: AbortSignal.timeout(LOCK_MS) }, encodeHeld);
  } catch {
    encodeHeld();
  }
  if (!underWay.size) await sendQueue(false);
}

/** Forget the waiting time: the network is back. */
export function retryNow(): void {
  retryAt = 0;
  sendSoon(0);
}

/** Send all that is not under way. A page that is hidden may never come back: its requests outlive it. */
export async function sendQueue(isLeaving: boolean): Promise<void> {
  for (let batch; Date.now() >= retryAt && (batch = nextBatch(queue.filter((event) => !underWay.has(event)))).length; ) {
    const answered = post(batch, isLeaving);
    if (!isLeaving) await answered;
  }
}

/** The page ends: hand everything to the browser. What is stored stays until a page gets an answer for it. */
export function handOver(): void {
  encodeHeld();
  let rest = queue;
  while (rest.length && consent() > SILENT) {
    const batch = nextBatch(rest);
    rest = rest.slice(batch.length);
    if (!navigator.sendBeacon?.(endpoint, body(batch))) void post(batch, true);
    else if (!isStored()) remove(batch);
  }
}

async function post(batch: string[], keepalive: boolean): Promise<void> {
  for (const event of batch) underWay.add(event);
  try {
    const answer = await fetch(endpoint, { method: "POST", body: body(batch), keepalive, credentials: "omit" });
    if (answer.status === 429 || answer.status === 408 || answer.status > 499) {
      wait(Number(answer.headers.get("retry-after")) * 1_000);
    } else {
      failures = 0;
      remove(batch);
      await report(answer);
    }
  } catch {
    wait(0);
  }
  for (const event of batch) underWay.delete(event);
}

/** Say once why the collector refuses. */
async function report(answer: Response): Promise<void> {
  const content = await answer.json().catch(() => ({}));
  if (hasWarned || (answer.ok && !content.rejected)) return;
  hasWarned = true;
  console.warn("footfall: refused,", answer.status, content.error ?? content.errors, content.message ?? "");
}

function wait(asked: number): void {
  failures += 1;
  const delay = Math.max(asked || 0, Math.min(2 ** failures * 1_000, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2));
  retryAt = Date.now() + delay;
  clearTimeout(timer);
  timer = 0;
  sendSoon(delay);
}

function nextBatch(events: string[]): string[] {
  let bytes = 200;
  const most = events.slice(0, MOST_EVENTS);
  const count = most.findIndex((event) => (bytes += new Blob([event]).size + 1) > MOST_BYTES);
  return count < 0 ? most : most.slice(0, count || 1);
}

function body(batch: string[]): string {
  return `{"sent_at":"${new Date().toISOString()}","consent":${consent() === NAMED},"events":[${batch}]}`;
}
