/** Events from when they happen until the collector has them: held a moment, then numbered, encoded and stored. */
import { NAMED, PRIVATE, consent } from "./consent";
import { firstScreen } from "./engagement";
import { identity, nextSequence, uuid } from "./identity";
import { isLasting } from "./store";
import { type View, pageFields, view } from "./view";

const PREFIX = "footfall.queue.";
const OWN = PREFIX + uuid();
const MOST_CHARACTERS = 1_000_000;
const PAGE_VIEWED = "page_viewed";

interface Held {
  fields: Record<string, unknown>;
  /** As JSON; a view's own are known when it is encoded. */
  properties?: string;
  of: View;
}

/** Each event as the JSON that is sent. Its id is in it: an event that is sent twice counts once. */
export let queue: string[] = [];
let held: Held[] = [];

/** Hold an event of this moment, if it may be sent. */
export function hold(name: string, properties?: unknown): void {
  const level = consent();
  if (level < PRIVATE || (level === PRIVATE && name !== PAGE_VIEWED)) return;
  const text = properties && encode(name, properties);
  if (properties && !text) return;
  held.push({
    fields: {
      event_id: uuid(),
      event_name: name,
      ...(level === NAMED && identity()),
      client_timestamp: new Date().toISOString(),
    },
    properties: text as string | undefined,
    of: view,
  });
}

/** Number and encode what is held. Until now its page could get a title, a type and its height. */
export function encodeHeld(): void {
  if (!held.length) return;
  let sequence = held.some(({ fields }) => fields.session_id) ? nextSequence(held.length) : undefined;
  for (const { fields, properties, of } of held) {
    const whole = {
      ...fields,
      sequence: sequence != null && fields.session_id ? sequence++ : undefined,
      ...pageFields(of),
      language: navigator.language?.slice(0, 35),
      screen_width: screen.width || undefined,
      screen_height: screen.height || undefined,
    };
    const first_screen = firstScreen();
    const own = properties ?? encode(PAGE_VIEWED, { first_screen, ...of.description.properties }) ?? "{}";
    queue.push(`${JSON.stringify(whole).slice(0, -1)},"properties":${own}}`);
  }
  held = [];
  storeQueue();
}

/** The event is with the collector, or refused for good. */
export function remove(events: string[]): void {
  queue = queue.filter((event) => !events.includes(event));
  storeQueue();
}

/** Keep page views, of no one, if that is wished; forget the rest, in all tabs. */
export function forgetQueue(keepsViews: boolean): void {
  encodeHeld();
  const views = queue.map((event) => JSON.parse(event)).filter(({ event_name }) => keepsViews && event_name === PAGE_VIEWED);
  for (const view of views) delete view.user_id, delete view.anonymous_id, delete view.session_id, delete view.sequence;
  queue = views.map((view) => JSON.stringify(view));
  for (const name of storedQueues()) localStorage.removeItem(name);
}

/** Take over what pages before this one have not sent. One that is still open sends it, too. */
export function adoptQueues(): void {
  for (const name of storedQueues()) {
    if (name === OWN) continue;
    try {
      queue.push(...JSON.parse(localStorage.getItem(name) ?? "[]"));
    } catch {
      // Half a write: nothing can be read.
    }
    storeQueue();
    localStorage.removeItem(name);
  }
}

/** Back from the back/forward cache: what is still to be sent; the page between may have sent it. */
export function restoreQueue(): void {
  if (!isStored()) return;
  queue = JSON.parse(localStorage.getItem(OWN) ?? "[]");
}

/** Whether the next page can send what this one does not. */
export function isStored(): boolean {
  return isLasting() && consent() === NAMED;
}

function storeQueue(): void {
  let room = MOST_CHARACTERS;
  queue = queue.reverse().filter((event) => (room -= event.length) > 0).reverse();
  if (!isStored()) return;
  try {
    if (queue.length) localStorage.setItem(OWN, JSON.stringify(queue));
    else localStorage.removeItem(OWN);
  } catch {
    // No room for it: in memory alone.
  }
}

function storedQueues(): string[] {
  try {
    return isLasting() ? Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)) : [];
  } catch {
    return [];
  }
}

function encode(name: string, properties: unknown): string | undefined {
  try {
    return JSON.stringify(properties);
  } catch (error) {
    console.warn(`footfall: ${name} is dropped, its properties are no JSON:`, error);
  }
}
