/** Events from when they happen until the collector has them: held a moment, then numbered, encoded and stored. */
import { Level, consent } from "./consent";
import { firstScreen } from "./engagement";
import { identity, takeNumbers, uuid } from "./identity";
import { options } from "./options";
import { PREFIX, isLasting } from "./store";
import { type View, pageFields, view } from "./view";

/** Of all sites of the origin; then the key says of which. */
const STORED = `${PREFIX}queue.`;
const enum Most {
  EVENTS = 1_000,
  HELD = 500,
}

/** Name under which each event is stored → the JSON that is sent. Its id is made once: sent twice it counts once. */
export const queue = new Map<string, string>();
let hasDropped: boolean;
let held: [event: any, of: View][] = [];

/** Hold an event of this moment, if it may be sent. What is known of its view comes later. Returns whether many are held. */
export function hold(event_name: string, properties?: unknown): boolean | undefined {
  const level = consent();
  if (level === Level.SILENT || (level === Level.PRIVATE && event_name !== "page_viewed")) return;
  const ids = level === Level.NAMED && identity();
  const client_timestamp = new Date().toISOString();
  const event = encode({ event_id: uuid(), event_name, ...ids, client_timestamp, properties });
  // A copy: the page may change its own.
  if (event) held.push([JSON.parse(event), view]);
  return held.length >= Most.HELD;
}

/** Number and encode what is held. Until now its page could get a title, a type and its height. */
export function encodeHeld(): void {
  if (!held.length || document.prerendering) return;
  const events = held;
  held = [];
  let number = events[0][0].session_id ? takeNumbers(events.length) : undefined;
  for (const [event, of] of events) {
    const name = STORED + options.key + "." + event.event_id;
    const whole = () => ({
      properties: { first_screen: firstScreen(), ...of.said_.properties },
      ...event,
      sequence: number == null ? number : number++,
      ...pageFields(of),
      language: navigator.language,
      screen_width: screen.width || undefined,
      screen_height: screen.height || undefined,
    });
    // Called while it is encoded: where the page lets it fail, this event alone is dropped.
    const json = encode({ toJSON: whole });
    if (!json) continue;
    queue.set(name, json);
    if (isStored()) store(name);
  }
}

/** Drop the oldest events of too many; for while the collector takes none. */
export function shorten(): void {
  const oldest = [...queue.keys()].slice(0, -Most.EVENTS);
  if (!oldest.length) return;
  remove(oldest);
  if (!hasDropped) console.warn("footfall dropped", oldest);
  hasDropped = true;
}

/** The collector has these events, or refuses them for good. */
export function remove(names: string[]): void {
  for (const name of names) {
    queue.delete(name);
    store(name);
  }
}

/** Take what pages before this one could not send. A page that is still open sends its own, too. */
export function adoptStored(): void {
  if (!isStored()) return;
  queue.clear();
  for (const name of storedNames(options.key + ".")) queue.set(name, localStorage[name]);
}

/** Keep no event in the browser, of any site; those in memory are still sent, unless all are to be forgotten. */
export function forgetEvents(isAll: unknown): void {
  encodeHeld();
  for (const name of storedNames("")) delete localStorage[name];
  if (isAll) queue.clear();
}

/** Whether the next page can send what this one does not. */
export function isStored(): boolean {
  return isLasting && consent() === Level.NAMED;
}

function storedNames(site: string): string[] {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(STORED + site));
  } catch {
    return [];
  }
}

/** Store an event of the queue, or drop one that is no longer there. */
function store(name: string): void {
  try {
    if (queue.has(name)) localStorage[name] = queue.get(name);
    else delete localStorage[name];
  } catch {
    // No room, or no storage at all: in memory alone.
  }
}

/** What a page says, as JSON; undefined, and reported, if it is none. */
export function encode(said: unknown): string | undefined {
  try {
    return JSON.stringify(said);
  } catch (error) {
    console.warn("footfall dropped", said, error);
  }
}

declare global {
  interface Document {
    prerendering?: boolean;
  }
}
