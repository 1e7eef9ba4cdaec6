/** A page as far as the tracker can see, with a clock, a storage and a collector of its own. Each has a tracker of its own. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { webcrypto } from "node:crypto";
import vm from "node:vm";
import { buildSync } from "esbuild";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = {};

function source(entry) {
  const options = { absWorkingDir: ROOT, entryPoints: [`src/${entry}.ts`], bundle: true, write: false, format: "iife" };
  // As build.mjs does: not in strict mode.
  return (built[entry] ??= buildSync({ ...options, target: "es2022", tsconfigRaw: {} }).outputFiles[0].text);
}

/** Let what waits for a promise run. */
export async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

export class Page {
  /** Options: attributes of the script (`data`), and anything of the browser that differs. */
  constructor(options = {}) {
    const { entry = "script", data = {}, url = "https://shop.example/a", storage = {}, stub, collector } = options;
    this.sent = [];
    this.warnings = [];
    this.answers = collector ?? (() => ({ status: 202, content: { accepted: 1, rejected: 0 } }));
    this.storage = storage;
    this.listeners = {};
    this.timers = [];
    this.timerCount = 0;
    this.now = 1_000;
    this.focused = true;
    this.locks = 0;
    this.script = { src: "https://collect.example/tracker.js", dataset: { key: "ff_key", vitals: "off", ...data } };
    this.document = {
      currentScript: this.script,
      querySelector: () => this.script,
      title: "A",
      referrer: "https://search.example/",
      visibilityState: "visible",
      get hidden() {
        return this.visibilityState === "hidden";
      },
      prerendering: false,
      hasFocus: () => this.focused,
      documentElement: { scrollHeight: 3_000, clientHeight: 600 },
    };
    Object.defineProperties(this.document, Object.getOwnPropertyDescriptors(options.document ?? {}));
    this.location = new URL(url);
    const page = this;
    const history = {
      pushState: (_, __, to) => void (page.location.href = new URL(to, page.location).href),
      replaceState: (_, __, to) => void (page.location.href = new URL(to, page.location).href),
    };
    this.window = {
      document: this.document,
      location: this.location,
      history,
      navigator: {
        language: "de-CH",
        sendBeacon: (to, body) => page.take("beacon", to, body),
        locks: { request: async (_, __, call) => void ((page.locks += 1), call()) },
        ...options.navigator,
      },
      screen: { width: 1440, height: 900 },
      scrollY: 0,
      console: { warn: (...said) => page.warnings.push(said.map(String).join(" ")) },
      performance: { now: () => page.now, measure() {}, mark() {}, clearMeasures() {}, clearMarks() {} },
      Date: class extends Date {
        constructor(...given) {
          super(...(given.length ? given : [1_800_000_000_000 + page.now]));
        }
        static now = () => 1_800_000_000_000 + page.now;
      },
      setTimeout: (call, ms) => page.timers.push({ at: page.now + ms, call, id: ++page.timerCount }) && page.timerCount,
      clearTimeout: (id) => void (page.timers = page.timers.filter((timer) => timer.id !== id)),
      setInterval: (call, ms) => page.timers.push({ at: page.now + ms, call, every: ms }),
      addEventListener: (kind, call) => (page.listeners[kind] ??= []).push(call),
      fetch: (to, given) => page.fetch(to, given),
      footfall: stub,
      AbortSignal,
      Blob,
      URL,
      crypto: { getRandomValues: (bytes) => webcrypto.getRandomValues(bytes) },
      localStorage: storage,
    };
    this.window.window = this.window;
    Object.defineProperties(this.window, Object.getOwnPropertyDescriptors(options.window ?? {}));
    this.context = vm.createContext(this.window);
    if (entry) this.load(entry);
  }

  /** The script element is met (again). */
  load(entry = "script") {
    vm.runInContext(source(entry), this.context);
  }

  get footfall() {
    return this.window.footfall;
  }

  take(way, to, body, keepalive = false) {
    const batch = JSON.parse(body);
    this.sent.push({ way, to: String(to), batch, bytes: Buffer.byteLength(body), keepalive });
    return true;
  }

  async fetch(to, { body, keepalive }) {
    this.take("fetch", to, body, keepalive);
    const { status, content = {}, headers = {} } = await this.answers(this.sent.length);
    return { status, headers: { get: (name) => headers[name] ?? null }, json: async () => content };
  }

  /** All events that reached the collector, each once, in the order in which they were first sent. */
  get events() {
    const known = new Map();
    for (const { batch } of this.sent) {
      for (const event of batch.events) known.has(event.event_id) || known.set(event.event_id, event);
    }
    return [...known.values()];
  }

  named(name) {
    return this.events.filter((event) => event.event_name === name);
  }

  get names() {
    return this.events.map((event) => event.event_name);
  }

  fire(kind, event = {}) {
    for (const call of this.listeners[kind] ?? []) call({ type: kind, target: {}, ...event });
  }

  /** Time passes; the timers' clock stands still for `asleep` milliseconds of it. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      if (due.every) due.at += due.every;
      else this.timers.splice(this.timers.indexOf(due), 1);
      due.call();
      await settled();
    }
    this.now = end;
    await settled();
  }

  /** Time passes without a timer: sleep. */
  sleep(ms) {
    this.now += ms;
    for (const timer of this.timers) timer.at = Math.max(timer.at, this.now);
  }

  async hide() {
    this.document.visibilityState = "hidden";
    this.focused = false;
    this.fire("visibilitychange");
    await settled();
  }

  async show() {
    this.document.visibilityState = "visible";
    this.focused = true;
    this.fire("visibilitychange");
    await settled();
  }

  async scrollTo(y) {
    this.window.scrollY = y;
    this.fire("scroll");
  }

  /** As Chromium does on a navigation: the page is hidden after its end. */
  async leave() {
    this.fire("pagehide", { persisted: false });
    this.document.visibilityState = "hidden";
    this.fire("visibilitychange");
    await settled();
  }
}

export const engagedSeconds = (page) =>
  page.named("page_engaged").reduce((sum, event) => sum + event.properties.engaged_ms, 0) / 1_000;
