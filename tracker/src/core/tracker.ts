/** One tracker a page: what the person does from the first look to the end, and the calls a site makes. */
import { Level, consent } from "./consent";
import { beginEngagement, isVisible, spend, takeEngagement, watchEngagement } from "./engagement";
import { hooks } from "./hooks";
import { endClientSession, forgetPerson } from "./identity";
import { options } from "./options";
import { adoptStored, encode, forgetEvents, hold } from "./queue";
import { watchRoutes } from "./routes";
import { retry, send, sendSoon } from "./sending";
import { keep } from "./store";
import { type Description, beginView, view } from "./view";

type Properties = Record<string, unknown>;

const enum Ms {
  PING = 15_000,
  TICK = 1_000,
}

/** Where the page was at the last change of its address: `replaceState` makes no view by itself. */
let page: string;
let pingedAt: number;
let hasEnded: boolean;
/** By hand no view begins before the first `page()`. */
let isWaiting: string | undefined;

/** The calls of the page. */
export const calls = {
  /** Send an event: a standard one by its name, or one of your own. */
  track(name: string, properties: Properties = {}) {
    record(name, properties);
  },

  /** Describe the view under way. What contradicts its description is another view. */
  page(description: Description = {}) {
    const said: Description = JSON.parse(encode(description) ?? "{}");
    const known = view.said_;
    const names = ["type", "identifier"] as const;
    const differs = names.some((name) => (known[name] ?? said[name]) !== (said[name] ?? known[name]));
    if (options.views || differs || view.url_.split("#")[0] !== here()) turn(said);
    else Object.assign(known, said);
  },

  /** The person is this user, in all tabs, until `signOut`. */
  identify(user: string | number, traits: Properties = {}) {
    ping();
    if (consent() === Level.NAMED) keep("user", `${user}`);
    record("user_identified", traits);
  },

  /** The person is no known user any more. */
  signOut() {
    ping();
    record("user_signed_out", {});
    keep("user");
    endClientSession();
  },

  /** The person agrees, or takes the objection back. Where that is known, as from another tab, no event is forgotten. */
  optIn() {
    if (consent() !== Level.NAMED) {
      send(true);
      forgetEvents(true);
      keep("choice", options.consent ? "in" : undefined);
    }
    see();
  },

  /** The person objects: nothing is kept but the choice, and no one is named from now on. */
  optOut() {
    forgetEvents(options.consent);
    forgetPerson();
    keep("choice", "out");
  },
};

/** Hold an event, and send it in a moment; of a burst at once. */
export function record(name: string, properties?: Properties): void {
  if (hold(name, properties) || hasEnded) send(hasEnded);
  else sendSoon();
}

/** Begin the first view, and listen. */
export function begin(): void {
  adoptStored();
  watchEngagement();
  watchRoutes((isReplaced) => {
    if (isReplaced) page = here();
    else if (!options.views && page !== here()) turn({});
  });
  addEventListener("prerenderingchange", see, true);
  addEventListener("visibilitychange", () => {
    if (isVisible()) see();
    else if (!hasEnded) {
      ping(true);
      send();
    }
  });
  addEventListener("pagehide", () => {
    ping(true);
    if (view.isSeen_) record("session_ended", { reason: "page_unload" });
    hasEnded = true;
    send(true);
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    hasEnded = false;
    adoptStored();
    if (!options.views) show("", view.said_);
  });
  addEventListener("online", retry);
  setInterval(() => {
    spend();
    if (performance.now() - pingedAt >= Ms.PING) ping();
  }, Ms.TICK);
  show(document.referrer, {}, options.views);
}

/** The address or what is shown there is another one: another view. */
function turn(said: Description): void {
  ping(true);
  send();
  show(view.isSeen_ ? view.url_ : view.referrer_!, said);
}

function show(referrer: string, said: Description, waits?: string): void {
  isWaiting = waits;
  page = here();
  beginView(referrer, said);
  see();
}

/** The part of an address that names the page: anchors do not. */
function here(): string {
  return hooks.address_().split("#")[0];
}

/** A view is one from when a person can see it. */
function see(): void {
  if (isWaiting || view.isSeen_ || !isVisible() || consent() === Level.SILENT) return;
  view.isSeen_ = true;
  pingedAt = performance.now();
  beginEngagement();
  record("page_viewed");
  hooks.seen_();
}

/** Send what was used since the last time. After its end a page is used no more. */
export function ping(isViewsEnd?: boolean): void {
  if (!view.isSeen_ || hasEnded) return;
  if (isViewsEnd) hooks.ends_();
  pingedAt = performance.now();
  const engagement = takeEngagement();
  if (engagement) record("page_engaged", engagement);
}
