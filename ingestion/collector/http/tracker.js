/* Footfall's tracker: page views, engagement and your own events, sent to the collector this script came from.
 *
 *   <script async src="https://collect.example/tracker.js" data-key="ff_…"></script>
 *
 *   footfall.track("order_placed", {order_id: "17", amount: 12.5, currency: "EUR"});
 *   footfall.identify("user-42");      footfall.signOut();
 *
 *   footfall.optOut();                 footfall.optIn();
 *
 * After optOut, and where the browser asks not to be tracked (Do Not Track, Global Privacy Control), nothing is stored
 * (but the choice itself) and no one is named: page views count, each as another visitor's, and nothing else is sent.
 */
(() => {
  "use strict";
  const PING_MS = 15_000;
  const FLUSH_MS = 2_000;
  const MOST_EVENTS = 500;
  const IDLE_MS = 30_000;

  const script = document.currentScript;
  const endpoint = new URL(`v1/events?key=${encodeURIComponent(script.dataset.key || "")}`, script.src).href;
  const asked = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  const choice = memory("footfall.", () => true);
  const store = memory("footfall.", () => !isPrivate());
  const session = crypto.randomUUID();
  let queue = [];
  let page = null;
  let referrer = document.referrer;
  let visible = document.visibilityState === "visible";

  function memory(prefix, allowed) {
    const kept = {};
    const attempt = (work) => { try { return allowed() ? work() : null; } catch { return null; } };
    return {
      get: (name) => kept[name] ?? attempt(() => localStorage.getItem(prefix + name)) ?? undefined,
      set: (name, value) => { kept[name] = value; attempt(() => localStorage.setItem(prefix + name, value)); },
      drop: (name) => { delete kept[name]; attempt(() => localStorage.removeItem(prefix + name)); },
    };
  }

  function isPrivate() {
    return asked || choice.get("choice") === "out";
  }

  function device() {
    if (!store.get("device")) store.set("device", crypto.randomUUID());
    return store.get("device");
  }

  function track(name, properties = {}) {
    const named = !isPrivate();
    if (!named && name !== "page_viewed") return;
    queue.push({
      event_id: crypto.randomUUID(),
      event_name: name,
      anonymous_id: named ? device() : undefined,
      user_id: named ? store.get("user") : undefined,
      session_id: named ? session : undefined,
      client_timestamp: new Date().toISOString(),
      page_url: page.url,
      page_title: document.title,
      referrer: referrer || undefined,
      page_type: script.dataset.pageType,
      page_identifier: script.dataset.pageIdentifier,
      screen_width: screen.width || undefined,
      screen_height: screen.height || undefined,
      properties,
    });
  }

  function body(events) {
    return JSON.stringify({ sent_at: new Date().toISOString(), consent: !isPrivate(), events });
  }

  /* Events have ids of their own, so that sending a batch again is safe when its answer was lost. */
  async function flush() {
    const events = queue.splice(0, MOST_EVENTS);
    if (!events.length) return;
    try {
      const answer = await fetch(endpoint, { method: "POST", body: body(events), keepalive: true, credentials: "omit" });
      if (answer.status === 429 || answer.status >= 500) queue.unshift(...events);
    } catch {
      queue.unshift(...events);
    }
  }

  function leave() {
    while (queue.length) navigator.sendBeacon(endpoint, body(queue.splice(0, MOST_EVENTS)));
  }

  function open() {
    page = { url: location.href, engagedMs: 0, since: performance.now(), activeAt: performance.now(), scroll: 0, clicks: 0 };
    look();
    track("page_viewed");
  }

  /* Time counts while the page is visible and the person was active a short time ago. */
  function spend() {
    const now = performance.now();
    const until = Math.min(now, page.activeAt + IDLE_MS);
    if (visible) page.engagedMs += Math.max(0, until - page.since);
    page.since = now;
  }

  function look() {
    const height = document.documentElement.scrollHeight;
    const seen = height ? (100 * (scrollY + innerHeight)) / height : 100;
    page.scroll = Math.max(page.scroll, Math.min(100, Math.round(seen)));
  }

  function ping() {
    spend();
    if (page.engagedMs < 1 && !page.clicks) return;
    track("page_engaged", { engaged_ms: Math.round(page.engagedMs), scroll_depth: page.scroll, clicks: page.clicks });
    page.engagedMs = 0;
    page.clicks = 0;
  }

  function turn() {
    if (location.href === page.url) return;
    ping();
    referrer = page.url;
    open();
  }

  function active() {
    spend();
    page.activeAt = performance.now();
  }

  open();
  addEventListener("click", () => { active(); page.clicks += 1; }, true);
  addEventListener("scroll", () => { active(); look(); }, { passive: true });
  for (const kind of ["keydown", "pointermove", "touchstart"]) addEventListener(kind, active, { passive: true });
  for (const kind of ["pushState", "replaceState"]) {
    const original = history[kind];
    history[kind] = function (...given) { original.apply(this, given); turn(); };
  }
  addEventListener("popstate", turn);
  document.addEventListener("visibilitychange", () => {
    spend();
    visible = document.visibilityState === "visible";
    if (visible) page.activeAt = performance.now();
    else { ping(); leave(); }
  });
  addEventListener("pagehide", () => { ping(); track("session_ended", { reason: "page_unload" }); leave(); });
  setInterval(ping, PING_MS);
  setInterval(flush, FLUSH_MS);

  window.footfall = {
    track,
    identify(user, traits = {}) {
      if (isPrivate()) return;
      store.set("user", String(user));
      track("user_identified", traits);
    },
    signOut() {
      track("user_signed_out");
      store.drop("user");
    },
    optOut() {
      store.drop("user");
      store.drop("device");
      choice.set("choice", "out");
    },
    optIn() {
      leave();
      choice.drop("choice");
    },
  };
})();
