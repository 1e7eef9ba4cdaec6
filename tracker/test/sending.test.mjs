import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./page.mjs";

const stored = (page) => Object.keys(page.storage).filter((name) => name.startsWith("footfall.queue."));

test("two hundred large events in two seconds all arrive, in batches that keepalive can take", async () => {
  const page = new Page();
  for (let number = 0; number < 200; number += 1) {
    page.footfall.track("a", { pad: "x".repeat(300), number });
    if (number % 10 === 0) await page.pass(100);
  }
  await page.pass(3_000);
  assert.deepEqual(page.named("a").map((event) => event.properties.number), [...Array(200).keys()]);
  assert.ok(page.sent.every(({ bytes }) => bytes < 61_000));
  assert.equal(page.named("a")[0].properties.pad.length, 300);
});

test("two hundred large events at once fill several batches by their bytes, not their characters", async () => {
  const page = new Page();
  for (let number = 0; number < 200; number += 1) page.footfall.track("a", { pad: "€".repeat(300) });
  await page.pass(1_000);
  assert.equal(page.named("a").length, 200);
  assert.ok(page.sent.length >= 4);
  assert.ok(page.sent.every(({ bytes }) => bytes < 61_000));
});

for (const [what, value] of [
  ["a BigInt", () => ({ total: 10n })],
  ["a circle", () => { const circle = {}; circle.self = circle; return circle; }],
  ["a getter that throws", () => ({ get broken() { throw new Error("no"); } })],
  ["a toJSON that throws", () => ({ broken: { toJSON() { throw new Error("no"); } } })],
]) {
  test(`an event with ${what} is reported and dropped, and the others arrive`, async () => {
    const page = new Page();
    page.footfall.track("before", {});
    page.footfall.track("bad", value());
    page.footfall.track("after", {});
    page.footfall.page({ properties: value() });
    await page.pass(2_000);
    assert.deepEqual(page.names, ["page_viewed", "before", "after"]);
    assert.ok(page.warnings.some((warning) => warning.startsWith("footfall dropped")));
  });
}

for (const [what, navigator] of [["with locks", {}], ["without locks", { locks: undefined }]]) {
  test(`an event that cannot be completed is dropped alone, and sending goes on, ${what}`, async () => {
    const page = new Page({ navigator });
    await page.pass(1_000);
    const { documentElement } = page.document;
    let isBad = false;
    Object.defineProperty(page.document, "title", { get: () => { if ((isBad = !isBad)) throw new Error("no"); return "A"; } });
    page.footfall.track("bad");
    page.footfall.track("good");
    await page.pass(1_000);
    page.document.documentElement = null;
    page.footfall.track("worse");
    await page.pass(2_000);
    page.document.documentElement = documentElement;
    Object.defineProperty(page.document, "title", { value: "A" });
    page.footfall.track("after");
    await page.pass(1_000);
    assert.deepEqual(page.names, ["page_viewed", "good", "after"]);
    assert.equal(page.warnings.filter((warning) => warning.startsWith("footfall dropped")).length, 2);
  });
}

for (const data of [{ hash: "" }, {}]) {
  test(`a frame without an address sends its events, with data-hash: ${"hash" in data}`, async () => {
    const rules = { pageType: "/a=article, *=other", ignore: "/admin/*" };
    const page = new Page({ url: "about:srcdoc#/offers/7", data: { ...rules, ...data }, navigator: { locks: undefined } });
    page.footfall.track("a");
    await page.pass(1_000);
    page.footfall.track("b");
    await page.pass(1_000);
    assert.deepEqual(page.names, ["page_viewed", "a", "b"]);
    assert.equal(page.events[0].page_type, "other");
    assert.match(page.events[0].page_url, /^about:srcdoc.*offers\/7$/);
  });
}

test("properties are what they were when the event happened", async () => {
  const page = new Page();
  const properties = { step: 1 };
  page.footfall.track("a", properties);
  properties.step = 2;
  await page.pass(1_000);
  assert.deepEqual(page.named("a")[0].properties, { step: 1 });
});

test("without sendBeacon, and where it refuses, fetch with keepalive takes what is left on leaving", async () => {
  for (const sendBeacon of [undefined, () => false]) {
    const page = new Page({ navigator: { sendBeacon } });
    page.footfall.track("a");
    await page.leave();
    assert.deepEqual(page.names, ["page_viewed", "a", "session_ended"]);
    assert.deepEqual(page.sent.map(({ way, keepalive }) => [way, keepalive]), [["fetch", true]]);
  }
});

test("while the page is open its requests are not keepalive ones, of which a browser takes 64 KB at a time", async () => {
  const page = new Page();
  await page.pass(1_000);
  assert.deepEqual(page.sent.map(({ keepalive }) => keepalive), [false]);
  await page.pass(5_000);
  await page.hide();
  assert.equal(page.sent.at(-1).keepalive, true);
});

test("what a dead network did not take is sent by the next page, with the same ids", async () => {
  const storage = {};
  const first = new Page({ storage, collector: () => Promise.reject(new TypeError("Failed to fetch")) });
  first.footfall.track("a");
  await first.pass(10_000);
  await first.leave();
  const ids = first.events.map((event) => event.event_id);
  assert.ok(ids.length >= 4);
  const second = new Page({ storage, url: "https://shop.example/b" });
  await second.pass(1_000);
  assert.deepEqual(second.events.slice(0, ids.length).map((event) => event.event_id).sort(), ids.sort());
  assert.deepEqual(stored(second), []);
});

test("sites on one origin send each its own events, and an objection forgets those of all", async () => {
  const storage = {};
  const site = (key, collector) => new Page({ storage, data: { key }, collector });
  const shop = site("ff_shop", () => Promise.reject(new TypeError("Failed to fetch")));
  shop.footfall.track("order_placed");
  await shop.pass(1_000);
  const blog = site("ff_sho");
  await blog.pass(60_000);
  await blog.leave();
  assert.equal(blog.named("order_placed").length, 0);
  assert.equal(stored(shop).filter((name) => name.startsWith("footfall.queue.ff_shop.")).length, 2);
  const next = site("ff_shop");
  await next.pass(1_000);
  assert.equal(next.named("order_placed").length, 1);
  assert.ok(next.sent.every(({ to }) => to.endsWith("?key=ff_shop")));
  const last = site("ff_shop", () => Promise.reject(new TypeError("Failed to fetch")));
  await last.pass(1_000);
  assert.ok(stored(last).length > 0);
  site("ff_sho").footfall.optOut();
  assert.deepEqual(stored(last), []);
});

test("a crash loses nothing that was made a second before", async () => {
  const storage = {};
  const first = new Page({ storage, collector: () => new Promise(() => {}) });
  first.footfall.track("a");
  await first.pass(1_000);
  const second = new Page({ storage });
  await second.pass(1_000);
  assert.ok(second.names.includes("a"));
});

test("two tabs with full queues lose nothing, and count one sequence", async () => {
  const storage = {};
  let isDown = true;
  const collector = () => (isDown ? Promise.reject(new TypeError()) : { status: 202 });
  const one = new Page({ storage, collector });
  const two = new Page({ storage, collector, url: "https://shop.example/b" });
  for (const page of [one, two, one, two]) {
    page.footfall.track("a");
    await page.pass(1_000);
  }
  isDown = false;
  for (const page of [one, two]) page.fire("online");
  for (const page of [one, two]) await page.pass(2_000);
  const events = new Map([...one.events, ...two.events].map((event) => [event.event_id, event]));
  assert.equal([...events.values()].filter((event) => event.event_name === "a").length, 4);
  const numbers = [...events.values()].map((event) => event.sequence).sort((a, b) => a - b);
  assert.deepEqual(numbers, [...numbers.keys()]);
  assert.deepEqual(stored(one), []);
  assert.ok(one.locks > 0);
});

for (const count of [1_500, 6_000]) {
  test(`a burst of ${count} events arrives whole, each once, with numbers in a row`, async () => {
    const page = new Page();
    await page.pass(1_000);
    for (let number = 0; number < count; number += 1) page.footfall.track("a", { number });
    await page.pass(2_000);
    assert.deepEqual(page.named("a").map((event) => event.properties.number), [...Array(count).keys()]);
    assert.deepEqual(page.events.map((event) => event.sequence), [...page.events.keys()]);
    assert.equal(page.sent.flatMap(({ batch }) => batch.events).length, count + 1);
    assert.ok(page.sent.every(({ bytes }) => bytes < 61_000));
    assert.deepEqual([stored(page), page.warnings], [[], []]);
  });
}

test("a queue that grows too long drops its oldest events, and says so once", async () => {
  const page = new Page({ collector: () => Promise.reject(new TypeError()) });
  for (let number = 0; number < 1_500; number += 1) page.footfall.track("a", { number });
  await page.pass(1_000);
  assert.equal(stored(page).length, 1_000);
  assert.ok(JSON.parse(page.storage[stored(page).at(-1)]).properties.number === 1_499);
  for (let number = 0; number < 700; number += 1) page.footfall.track("b", { number });
  await page.pass(1_000);
  assert.equal(stored(page).length, 1_000);
  assert.equal(page.warnings.length, 1);
  assert.match(page.warnings[0], /^footfall dropped /);
});

for (const status of [400, 401, 403, 413, 415]) {
  test(`${status} is final, with one warning that names the reason`, async () => {
    const page = new Page({ collector: () => ({ status, content: { error: "unknown_key", message: "Send the key." } }) });
    page.window.console.warn = (...said) => page.warnings.push(JSON.stringify(said));
    await page.pass(1_000);
    page.footfall.track("a");
    await page.pass(600_000);
    assert.equal(page.warnings.length, 1);
    assert.match(page.warnings[0], /unknown_key/);
    assert.equal(page.sent.filter(({ batch }) => batch.events.some((event) => event.event_name === "a")).length, 1);
    assert.deepEqual(stored(page), []);
  });
}

for (const status of [408, 429, 500, 503]) {
  test(`after ${status} the same events are sent again, later and later`, async () => {
    let isDown = true;
    const page = new Page({ collector: () => ({ status: isDown ? status : 202 }) });
    await page.pass(60_000);
    const tries = page.sent.filter(({ batch }) => batch.events[0].event_name === "page_viewed").length;
    assert.ok(tries > 1 && tries < 20, `${tries} tries`);
    isDown = false;
    await page.pass(300_000);
    assert.equal(new Set(page.events.map((event) => event.event_id)).size, page.events.length);
    assert.deepEqual(stored(page), []);
    assert.deepEqual(page.warnings, []);
  });
}

test("Retry-After is honoured, and what happens in the meantime is stored", async () => {
  const page = new Page({ collector: (n) => ({ status: n > 1 ? 202 : 429, headers: { "retry-after": "120" } }) });
  await page.pass(1_000);
  page.footfall.track("a");
  await page.pass(100_000);
  assert.equal(page.sent.length, 1);
  assert.ok(stored(page).length >= 2);
  await page.pass(30_000);
  assert.ok(page.names.includes("a"));
});

test("rejected events are reported once", async () => {
  const content = { accepted: 0, rejected: 1, errors: [{ index: 0, reason: "invalid_name" }] };
  const page = new Page({ collector: () => ({ status: 202, content }) });
  page.footfall.track("Not a name");
  await page.pass(1_000);
  page.footfall.track("Not a name");
  await page.pass(1_000);
  assert.equal(page.warnings.length, 1);
});

test("the page ends once: the ping, then session_ended with the last number, and no ping after it", async () => {
  const page = new Page();
  await page.pass(4_000);
  await page.leave();
  const ends = page.sent.flatMap(({ batch }) => batch.events).filter(({ event_name }) => event_name === "session_ended");
  assert.equal(ends.length, 1);
  await page.pass(60_000);
  assert.deepEqual(page.names, ["page_viewed", "page_engaged", "session_ended"]);
  const [, ping, end] = page.events;
  assert.ok(end.sequence > ping.sequence);
  assert.deepEqual(end.properties, { reason: "page_unload" });
  assert.equal(end.page_view_id, page.events[0].page_view_id);
});

test("a full storage costs no event and no device", async () => {
  const storage = {};
  const full = new Proxy(storage, { set: () => false });
  const page = new Page({ window: { localStorage: full } });
  page.footfall.track("a");
  await page.pass(1_000);
  page.footfall.track("b");
  await page.pass(1_000);
  assert.equal(new Set(page.events.map((event) => event.anonymous_id)).size, 1);
  assert.deepEqual(page.names, ["page_viewed", "a", "b"]);
});
