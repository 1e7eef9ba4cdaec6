/** One tracker a page: what the person does, from the first look to the end, and the calls a site makes. */
import { SILENT, consent } from "./consent";
import { beginEngagement, spend, takeEngagement, watchEngagement } from "./engagement";
import { endClientSession, forget } from "./identity";
import { option } from "./options";
import { adoptQueues, encodeHeld, forgetQueue, hold, queue, restoreQueue } from "./queue";
import { watchRoutes } from "./routes";
import { handOver, retryNow, sendQueue, sendSoon } from "./sending";
import { keep, kept } from "./store";
import { type Description, address, beginView, view } from "./view";

type Properties = Record<string, unknown>;

const PING_MS = 15_000;
const TICK_MS = 1_000;

const beforeEnd: (() => void)[] = [];
const onFirstView: (() => void)[] = [];
let described: Description | undefined;
let viewAddress: string;
let pingedAt = 0;
let hasEnded = false;

/** The calls of the page. */
export const methods = {
  /** Send an event of your own, or a standard one by its name. */
  track(name: string, properties: Properties = {}) {
    record(name, properties);
  },

  /** Describe the view under way. What differs from an earlier description is another view. */
  page(description: Description = {}) {
    const differs = (name: "type" | "identifier") =>
      described?.[name] != null && description[name] != null && described[name] !== description[name];
    if (option("views") === "manual" || viewAddress !== address() || differs("type") || differs("identifier")) {
      turn(description);
    } else Object.assign(view.description, description);
    described = { ...view.description };
  },

  /** The person is this user, in all tabs, until `signOut`. */
  identify(user: string | number, traits: Properties = {}) {
    if (user == null || user === "") return console.warn("footfall: identify needs the id of a user");
    const before = kept("user");
    if (before && before !== String(user)) methods.endSession("user_switch");
    if (consent() > SILENT + 1) keep("user", String(user));
    record("user_identified", traits);
  },

  /** The person is no known user any more. */
  signOut() {
    ping();
    record("user_signed_out", {});
    keep("user");
    endClientSession();
  },

  /** What comes next is another session. */
  endSession(reason = "sign_out") {
    ping();
    record("session_ended", { reason });
    endClientSession();
  },

  /** The person agrees, or takes the objection back. */
  optIn() {
    if (view) handOver();
    forgetQueue(false);
    keep("choice", option("consent") === "required" ? "in" : undefined);
    if (view) see();
  },

  /** The person objects: nothing is kept but the choice, and no one is named from now on. */
  optOut() {
    encodeHeld();
    forget();
    keep("choice", "out");
    forgetQueue(consent() > SILENT);
  },

  /** Send nothing from this browser, such as the site owner's own; `false` takes it back. */
  ignoreMe(ignores = true) {
    keep("ignore", ignores ? "yes" : undefined);
    if (ignores) forgetQueue(false);
  },
};

/** Hold an event, and send it in a moment. */
export function record(name: string, properties?: Properties): void {
  hold(name, properties);
  if (hasEnded) handOver();
  else sendSoon();
}

/** Call before the view ends, while events still belong to it. */
export function whenViewEnds(call: () => void): void {
  beforeEnd.push(call);
}

/** Call once, when the first view is seen. */
export function whenFirstSeen(call: () => void): void {
  onFirstView.push(call);
}

/** Begin, on a page that a person may see. */
export function begin(): void {
  if (consent() > SILENT + 1) adoptQueues();
  if (queue.length) sendSoon();
  viewAddress = address();
  beginView(document.referrer);
  watchEngagement();
  watchRoutes(() => {
    if (viewAddress !== address() && option("views") !== "manual") turn();
  }, () => (viewAddress = address()));
  addEventListener("visibilitychange", () => {
    if (hasEnded) return;
    if (isVisible()) return see();
    endView();
    encodeHeld();
    void sendQueue(true);
  });
  addEventListener("pagehide", () => {
    if (hasEnded) return;
    endView();
    if (view.isSeen) record("session_ended", { reason: "page_unload" });
    hasEnded = true;
    handOver();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    hasEnded = false;
    restoreQueue();
    show("");
  });
  addEventListener("online", retryNow);
  setInterval(() => {
    spend();
    if (performance.now() - pingedAt >= PING_MS) ping();
  }, TICK_MS);
  if (option("views") !== "manual") see();
}

/** The address or its content is another one: another view. */
function turn(description?: Description): void {
  endView();
  encodeHeld();
  show(view.isSeen || view.referrer ? view.url : "", description);
}

function show(referrer: string, description?: Description): void {
  viewAddress = address();
  described = undefined;
  beginView(referrer, description);
  see();
}

/** A view is one from when a person can see it. */
function see(): void {
  if (view.isSeen || !isVisible() || consent() === SILENT) return;
  view.isSeen = true;
  pingedAt = performance.now();
  beginEngagement();
  record("page_viewed");
  for (const call of onFirstView.splice(0)) call();
}

function endView(): void {
  if (view.isSeen) for (const call of beforeEnd) call();
  ping();
}

function ping(): void {
  if (!view?.isSeen || hasEnded) return;
  pingedAt = performance.now();
  const engaged = takeEngagement();
  if (engaged) record("page_engaged", engaged);
}

function isVisible(): boolean {
  return document.visibilityState === "visible";
}
