import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Page } from "./page.mjs";

test("a verb sends its event, and names on the console what it lacks", async () => {
  const page = new Page();
  page.footfall.orderPlaced({ order_id: "17", amount: 12.5, currency: "EUR" });
  assert.deepEqual(page.warnings, []);
  page.footfall.orderPlaced({ order_id: "18", amount: "12.50" });
  await page.pass(1_000);
  assert.equal(page.named("order_placed").length, 2);
  assert.match(page.warnings[0], /order_placed.*amount#,currency/);
});

test("signing out sends the ping first, as the user", async () => {
  const page = new Page();
  page.footfall.identify("anna", { email: "anna@example.org" });
  await page.pass(12_000);
  page.fire("click");
  page.footfall.signOut();
  page.footfall.track("a");
  await page.pass(1_000);
  assert.deepEqual(page.events.map((event) => [event.event_name, event.user_id]), [
    ["page_viewed", undefined], ["user_identified", "anna"], ["page_engaged", "anna"], ["user_signed_out", "anna"],
    ["a", undefined],
  ]);
  assert.deepEqual(page.named("page_engaged")[0].properties, { engaged_ms: 12_000, scroll_depth: 0, clicks: 1 });
  assert.notEqual(page.events.at(-1).session_id, page.events[0].session_id);
});

test("tabs share who is signed in at the moment of the event", async () => {
  const storage = {};
  const [one, two] = [new Page({ storage }), new Page({ storage })];
  two.footfall.identify("anna");
  two.footfall.track("a");
  one.footfall.signOut();
  two.footfall.track("b");
  await two.pass(1_000);
  assert.equal(two.named("a")[0].user_id, "anna");
  assert.equal(two.named("b")[0].user_id, undefined);
});

test("endSession ends the session and no user", async () => {
  const page = new Page();
  page.footfall.identify("anna");
  page.footfall.endSession();
  page.footfall.track("a");
  await page.pass(1_000);
  assert.deepEqual(page.named("session_ended")[0].properties, { reason: "sign_out" });
  assert.equal(page.named("a")[0].user_id, "anna");
});

test("where consent is required nothing is stored or sent before optIn, nor after optOut", async () => {
  const page = new Page({ data: { consent: "required" } });
  page.footfall.track("a");
  page.footfall.identify("anna");
  page.fire("click");
  await page.pass(20_000);
  assert.deepEqual([page.sent, page.storage], [[], {}]);
  page.footfall.optIn();
  page.footfall.track("b");
  await page.pass(1_000);
  assert.deepEqual(page.names, ["page_viewed", "b"]);
  page.footfall.track("c");
  page.footfall.optOut();
  page.footfall.track("d");
  await page.pass(20_000);
  await page.leave();
  assert.deepEqual(page.names, ["page_viewed", "b"]);
  assert.deepEqual(page.storage, { "footfall.choice": "out" });
});

test("consent that was given holds on the next page", async () => {
  const storage = {};
  new Page({ storage, data: { consent: "required" } }).footfall.optIn();
  const page = new Page({ storage, data: { consent: "required" } });
  await page.pass(1_000);
  assert.deepEqual(page.names, ["page_viewed"]);
});

for (const data of [{}, { consent: "required" }]) {
  test(`optIn on every page, ${data.consent ?? "not"} required, loses no event that an earlier page could not send`, async () => {
    const storage = {};
    const first = new Page({ storage, data, collector: () => Promise.reject(new TypeError("Failed to fetch")) });
    first.footfall.optIn();
    first.footfall.track("a");
    await first.pass(1_000);
    const second = new Page({ storage, data, collector: () => ({ status: 503 }), navigator: { sendBeacon: () => false } });
    second.footfall.optIn();
    await second.leave();
    const third = new Page({ storage, data });
    third.footfall.optIn();
    await third.pass(1_000);
    assert.equal(third.named("a").length, 1);
    assert.deepEqual(third.sent.map(({ batch }) => batch.consent), third.sent.map(() => true));
  });
}

test("consent that is given in two windows begins the view of each", async () => {
  const storage = {};
  const windows = [1, 2].map(() => new Page({ storage, data: { consent: "required" } }));
  for (const page of windows) page.footfall.optIn();
  for (const page of windows) await page.pass(1_000);
  for (const page of windows) assert.deepEqual(page.names, ["page_viewed"]);
});

test("after an objection nothing but the choice is stored, and the batch says that no one agrees", async () => {
  const page = new Page();
  await page.pass(1_000);
  page.footfall.track("a");
  page.footfall.optOut();
  page.footfall.track("b");
  page.window.history.pushState({}, "", "/b");
  await page.pass(1_000);
  assert.deepEqual(page.storage, { "footfall.choice": "out" });
  assert.deepEqual(page.sent.map(({ batch }) => batch.consent), [true, ...page.sent.slice(1).map(() => false)]);
  assert.equal(page.named("b").length, 0);
  const view = page.named("page_viewed")[1];
  assert.deepEqual([view.anonymous_id, view.session_id, view.sequence], [undefined, undefined, undefined]);
});

for (const [how, options] of [
  ["Global Privacy Control", { navigator: { globalPrivacyControl: true } }],
  ["Do Not Track", { navigator: { doNotTrack: "1" } }],
  ["data-opt-out", { data: { optOut: "" } }],
]) {
  test(`under ${how} nothing is stored, and page views alone are sent`, async () => {
    const page = new Page(options);
    page.footfall.identify("anna");
    page.footfall.track("a");
    await page.pass(20_000);
    await page.leave();
    assert.deepEqual(page.names, ["page_viewed"]);
    assert.equal(page.sent[0].batch.consent, false);
    assert.deepEqual(page.storage, {});
  });
}

test("a cookieless site stores nothing and sends no id of a device, a session or a count", async () => {
  const page = new Page({ data: { identity: "cookieless" } });
  page.footfall.identify("anna");
  page.footfall.track("a");
  await page.pass(4_000);
  await page.leave();
  assert.deepEqual(page.storage, {});
  assert.deepEqual(page.names, ["page_viewed", "user_identified", "a", "page_engaged", "session_ended"]);
  for (const event of page.events) {
    assert.deepEqual([event.anonymous_id, event.session_id, event.sequence], [undefined, undefined, undefined]);
    assert.ok(event.page_view_id);
  }
  assert.ok(page.sent.every(({ batch }) => batch.consent));
  assert.equal(page.named("a")[0].user_id, "anna");
});

test("with data-domain the device lives in a cookie of the domain", async () => {
  const jar = {};
  const document = {
    get cookie() { return Object.entries(jar).map((pair) => pair.join("=")).join("; "); },
    set cookie(text) {
      const [pair, ...rest] = text.split(";");
      const [name, value] = pair.split("=");
      if (!rest.includes("domain=shop.example")) return;
      if (rest.includes("max-age=0")) delete jar[name];
      else jar[name] = value;
    },
  };
  const pages = ["https://shop.example/", "https://blog.shop.example/"].map((url) => {
    return new Page({ url, data: { domain: "shop.example" }, document });
  });
  pages[0].footfall.identify("anna; äöü");
  for (const page of pages) {
    page.footfall.track("a");
    await page.pass(1_000);
  }
  const [one, two] = pages.map((page) => page.named("a")[0]);
  assert.equal(one.anonymous_id, two.anonymous_id);
  assert.equal(two.user_id, "anna; äöü");
  assert.equal(two.sequence > one.sequence, true);
  assert.deepEqual(Object.keys(jar).sort(), ["footfall.device", "footfall.sequence", "footfall.user"]);
  pages[0].footfall.signOut();
  assert.equal("footfall.user" in jar, false);
});

for (const [what, document] of [
  ["is refused, as that of another domain", { get cookie() { return "theme=dark"; }, set cookie(_) {} }],
  ["may not be read, as in a sandbox", { get cookie() { throw new Error("SecurityError"); } }],
]) {
  test(`where the cookie of data-domain ${what}, a page is one device, and an objection holds on it`, async () => {
    const page = new Page({ data: { domain: "other.example" }, document });
    page.footfall.identify("anna");
    page.footfall.track("a");
    await page.pass(1_000);
    assert.deepEqual(page.names, ["page_viewed", "user_identified", "a"]);
    assert.equal(new Set(page.events.map((event) => event.anonymous_id)).size, 1);
    assert.equal(page.named("a")[0].user_id, "anna");
    assert.equal("sequence" in page.named("a")[0], false);
    assert.deepEqual(page.storage, {});
    page.footfall.optOut();
    page.footfall.track("b");
    page.window.history.pushState({}, "", "/b");
    await page.pass(1_000);
    assert.equal(page.named("b").length, 0);
    assert.equal(page.named("page_viewed")[1].anonymous_id, undefined);
    assert.equal(page.sent.at(-1).batch.consent, false);
  });
}

test("data-ignore sends nothing, or nothing from its paths", async () => {
  const page = new Page({ data: { ignore: "" } });
  page.footfall.track("a");
  await page.pass(20_000);
  assert.deepEqual([page.sent, page.storage], [[], {}]);
  const other = new Page({ data: { ignore: "/admin/*, /preview" }, url: "https://shop.example/admin/users" });
  other.footfall.track("a");
  other.window.history.pushState({}, "", "/b");
  other.window.history.pushState({}, "", "/preview");
  other.footfall.track("c");
  await other.pass(1_000);
  assert.deepEqual(other.named("page_viewed").map((event) => event.page_url), ["https://shop.example/b"]);
  assert.equal(other.named("a").length + other.named("c").length, 0);
});

test("ignoreMe holds on the next page, until it is taken back", async () => {
  const storage = {};
  new Page({ storage }).footfall.ignoreMe();
  const page = new Page({ storage });
  page.footfall.track("a");
  await page.pass(20_000);
  assert.deepEqual(page.sent, []);
  page.footfall.ignoreMe(false);
  page.footfall.track("b");
  await page.pass(1_000);
  assert.ok(page.names.includes("b"));
});

test("calls that were made before the script was there are made when it comes", async () => {
  const stub = { q: [["identify", "anna"], ["orderPlaced", { order_id: "1", amount: 1, currency: "EUR" }], ["noSuchCall"]] };
  const page = new Page({ stub });
  await page.pass(1_000);
  assert.deepEqual(page.names, ["page_viewed", "user_identified", "order_placed"]);
});

test("twice on a page it counts once", async () => {
  const page = new Page();
  const first = page.footfall;
  page.load("script");
  page.load("core");
  assert.equal(page.footfall, first);
  await page.pass(16_000);
  await page.leave();
  assert.equal(page.named("page_viewed").length, 1);
  assert.equal(page.named("session_ended").length, 1);
});

test("the core imports nothing from the whole, and has its calls alone", async () => {
  const folder = new URL("../src/core/", import.meta.url);
  for (const name of readdirSync(folder)) assert.doesNotMatch(readFileSync(new URL(name, folder), "utf8"), /from "\.\.\//, name);
  const page = new Page({ entry: "core" });
  assert.deepEqual(Object.keys(page.footfall), ["track", "page", "identify", "signOut", "optIn", "optOut"]);
});

test("without an element of its own it does not start, and does not fail", () => {
  const page = new Page({ document: { currentScript: null, querySelector: () => null } });
  assert.equal(page.footfall, undefined);
  assert.deepEqual(page.listeners, {});
});

test("as a module it finds its element", async () => {
  const page = new Page({ document: { currentScript: null } });
  await page.pass(1_000);
  assert.equal(page.sent[0].to, "https://collect.example/v1/events?key=ff_key");
});

for (const [what, window] of [
  ["is blocked", { get localStorage() { throw new Error("SecurityError"); } }],
  ["is missing, as in a web view", { localStorage: null }],
  ["refuses to be written", { localStorage: Object.freeze({}) }],
]) {
  test(`on plain http, without locks, and where storage ${what}, it works in memory`, async () => {
    const page = new Page({ window, navigator: { locks: undefined } });
    page.footfall.identify("anna");
    page.footfall.track("a");
    await page.pass(1_000);
    await page.leave();
    assert.equal(new Set(page.events.map((event) => event.anonymous_id)).size, 1);
    assert.match(page.events[0].anonymous_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(page.named("a")[0].user_id, "anna");
    assert.equal("sequence" in page.events[0], false);
    assert.deepEqual(page.names, ["page_viewed", "user_identified", "a", "page_engaged", "session_ended"]);
  });
}

test("what happens by itself is sent, and what is switched off is not", async () => {
  const link = (href, more = {}) => {
    const url = new URL(href, "https://shop.example/");
    const { origin, host, pathname, protocol } = url;
    const element = { origin, host, pathname, protocol, hasAttribute: () => false, ...more };
    return { button: 0, target: { closest: () => element } };
  };
  const form = { getAttribute: (name) => ({ id: "signup", name: null })[name] };
  const act = (page) => {
    page.fire("click", link("https://other.example/x?token=1"));
    page.fire("click", link("/own"));
    page.fire("click", link("mailto:a@example.org"));
    page.fire("click", { button: 0, target: { closest: () => null } });
    page.fire("click", link("/files/list.PDF?signature=1"));
    page.fire("auxclick", { ...link("/any", { hasAttribute: () => true }), button: 1 });
    page.fire("submit", { target: form });
    for (let times = 0; times < 3; times += 1) page.fire("error", { message: "x is undefined", filename: "https://shop.example/a.js?key=1", lineno: 7 });
    page.fire("error", { target: {} });
    page.fire("unhandledrejection", { reason: new Error("late") });
  };
  const page = new Page({ data: { status: "404" } });
  act(page);
  await page.pass(1_000);
  assert.deepEqual(page.events.slice(1).map((event) => [event.event_name, event.properties]), [
    ["page_not_found", {}],
    ["outbound_link_clicked", { url: "https://other.example/x" }],
    ["file_downloaded", { url: "https://shop.example/files/list.PDF" }],
    ["file_downloaded", { url: "https://shop.example/any" }],
    ["form_submitted", { form_id: "signup", form_name: null }],
    ["javascript_error", { message: "x is undefined", source: "https://shop.example/a.js", line: 7 }],
    ["javascript_error", { message: "Error: late" }],
  ]);
  const off = new Page({ data: { outbound: "off", downloads: "off", forms: "off", errors: "off" } });
  act(off);
  await off.pass(1_000);
  assert.deepEqual(off.names, ["page_viewed"]);
});

test("an element that is named footfall is no tracker", async () => {
  const page = new Page({ stub: { tagName: "DIV" } });
  await page.pass(1_000);
  assert.deepEqual(page.names, ["page_viewed"]);
});
