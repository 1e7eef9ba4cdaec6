import assert from "node:assert/strict";
import { test } from "node:test";
import { Page, engagedSeconds } from "./page.mjs";

const paths = (page) => page.named("page_viewed").map(({ page_url }) => page_url.replace("https://shop.example", ""));

test("every event of a view carries the view's id", async () => {
  const page = new Page();
  await page.pass(3_000);
  page.footfall.track("a");
  page.window.history.pushState({}, "", "/b");
  page.footfall.track("b");
  await page.pass(3_000);
  await page.leave();
  const [one, two] = page.named("page_viewed").map((event) => event.page_view_id);
  assert.notEqual(one, two);
  assert.deepEqual(page.events.map((event) => [event.event_name, event.page_view_id === one ? 1 : 2]), [
    ["page_viewed", 1], ["a", 1], ["page_engaged", 1], ["page_viewed", 2], ["b", 2], ["page_engaged", 2], ["session_ended", 2],
  ]);
  assert.equal(page.named("page_viewed")[1].referrer, "https://shop.example/a");
  assert.equal(page.events[0].page_host, "shop.example");
  assert.equal(page.events[0].language, "de-CH");
});

test("three seconds on each of four routes are three seconds of each view", async () => {
  const page = new Page();
  for (const route of ["/b", "/c", "/d"]) {
    await page.pass(3_000);
    page.window.history.pushState({}, "", route);
  }
  await page.pass(3_000);
  await page.leave();
  const seconds = page.named("page_viewed").map(({ page_view_id }) =>
    page.named("page_engaged").filter((event) => event.page_view_id === page_view_id)
      .reduce((sum, event) => sum + event.properties.engaged_ms, 0));
  assert.deepEqual(seconds, [3_000, 3_000, 3_000, 3_000]);
});

test("a page that is opened in the background has no view until it is looked at", async () => {
  const page = new Page({ document: { visibilityState: "hidden" } });
  page.focused = false;
  await page.pass(8_000);
  assert.deepEqual(page.names, []);
  await page.show();
  await page.pass(2_000);
  assert.deepEqual(page.names, ["page_viewed"]);
  assert.equal(page.events[0].client_timestamp, new Date(1_800_000_009_000).toISOString());
});

test("a page in the background that is closed unseen sends what the site said, and no view, ping or end", async () => {
  const page = new Page({ document: { visibilityState: "hidden" } });
  page.footfall.track("order_placed", { order_id: "1" });
  await page.pass(2_000);
  await page.leave();
  assert.deepEqual(page.names, ["order_placed"]);
});

test("a prerendered page sends and queues nothing before it is activated", async () => {
  const page = new Page({ document: { visibilityState: "hidden", prerendering: true } });
  page.footfall.track("a");
  await page.pass(6_000);
  assert.deepEqual(page.sent, []);
  assert.deepEqual(Object.keys(page.storage).filter((name) => name.includes("queue")), []);
  page.document.prerendering = false;
  page.fire("prerenderingchange");
  await page.show();
  await page.pass(1_000);
  assert.deepEqual(page.names.sort(), ["a", "page_viewed"]);
});

test("back from the back/forward cache is one more view, of the same description", async () => {
  const page = new Page();
  page.footfall.page({ type: "offer", identifier: 17 });
  await page.pass(3_000);
  await page.leave();
  page.document.visibilityState = "visible";
  page.fire("pageshow", { persisted: true });
  page.fire("visibilitychange");
  await page.pass(4_000);
  await page.leave();
  assert.deepEqual(page.named("page_viewed").map(({ page_type, page_identifier }) => [page_type, page_identifier]), [["offer", "17"], ["offer", "17"]]);
  assert.equal(page.named("session_ended").length, 2);
  assert.equal(engagedSeconds(page), 7);
});

test("anchors and replaceState make no view; another path or query by pushState or Back does", async () => {
  const page = new Page();
  const moveTo = (to) => { page.location.href = new URL(to, page.location).href; page.fire("popstate"); };
  moveTo("#one");
  page.window.history.replaceState({}, "", "/a?tab=2");
  moveTo("/a?tab=2#two");
  page.window.history.pushState({}, "", "/a?tab=2#three");
  assert.equal(page.listeners.popstate.length, 1);
  page.window.history.pushState({}, "", "/b");
  page.window.history.pushState({}, "", "/b?id=2");
  moveTo("/b");
  await page.pass(1_000);
  assert.deepEqual(paths(page), ["/a", "/b", "/b?id=2", "/b"]);
});

test("where the browser has the Navigation API, its steps are the routes", async () => {
  let changed;
  const navigation = { addEventListener: (kind, call) => kind === "currententrychange" && (changed = call) };
  const page = new Page({ window: { navigation } });
  const move = (to, navigationType) => { page.location.href = new URL(to, page.location).href; changed({ navigationType }); };
  move("/b", "push");
  move("/c", "replace");
  move("/c#one", "push");
  move("/a", "traverse");
  await page.pass(1_000);
  assert.deepEqual(paths(page), ["/a", "/b", "/a"]);
});

test("with data-hash a hash is a route", async () => {
  const page = new Page({ data: { hash: "", pageType: "/about=about, /app/*=app, *=other" }, url: "https://shop.example/#/home" });
  const moveTo = (to) => { page.location.href = new URL(to, page.location).href; page.fire("popstate"); };
  moveTo("#/about");
  moveTo("/?utm_source=x#!/about?id=2");
  moveTo("/app/#/offers/7");
  moveTo("/app/");
  await page.pass(1_000);
  assert.deepEqual(paths(page), ["/home", "/about", "/about?utm_source=x&id=2", "/app/offers/7", "/app/"]);
  assert.deepEqual(page.events.map((event) => event.page_type), ["other", "about", "about", "app", "app"]);
});

test("a title that is set after the route changed is the new view's, and the old view keeps its own", async () => {
  const page = new Page();
  await page.pass(2_000);
  page.window.history.pushState({}, "", "/b");
  page.document.title = "B";
  await page.pass(300);
  page.footfall.track("a");
  page.window.history.pushState({}, "", "/c");
  page.document.title = "C";
  await page.leave();
  assert.deepEqual(page.events.map((event) => [event.event_name, event.page_title]), [
    ["page_viewed", "A"], ["page_engaged", "A"], ["page_viewed", "B"], ["a", "B"], ["page_engaged", "B"],
    ["page_viewed", "C"], ["session_ended", "C"],
  ]);
});

test("a title may come late whatever happened just before the route changed", async () => {
  const page = new Page();
  await page.pass(1_500);
  page.footfall.track("a");
  await page.pass(990);
  page.window.history.pushState({}, "", "/b");
  await page.pass(40);
  page.document.title = "B";
  await page.pass(2_000);
  assert.equal(page.named("page_viewed")[1].page_title, "B");
});

test("page types follow rules by path, and what stands for * is the identifier", async () => {
  const pageType = "/=homepage, /offers/*=offer, /c/*/x.y=category";
  const page = new Page({ data: { pageType }, url: "https://shop.example/" });
  for (const route of ["/offers/red-shoe", "/c/7/x.y", "/c/7/xzy", "/other"]) page.window.history.pushState({}, "", route);
  await page.pass(1_000);
  assert.deepEqual(page.named("page_viewed").map((event) => [event.page_type, event.page_identifier]), [
    ["homepage", undefined], ["offer", "red-shoe"], ["category", "7"], [undefined, undefined], [undefined, undefined],
  ]);
});

test("page() describes the view under way; what contradicts it is another view", async () => {
  const page = new Page();
  page.footfall.page({ type: "offer", title: "Offer", properties: { stock: 3 } });
  page.footfall.page({ type: "offer", identifier: "17" });
  await page.pass(1_000);
  page.footfall.page({ type: "offer", identifier: "17" });
  page.footfall.page({ type: "offer", identifier: "18" });
  await page.pass(1_000);
  const views = page.named("page_viewed");
  assert.deepEqual(views.map((event) => [event.page_type, event.page_identifier]), [["offer", "17"], ["offer", "18"]]);
  assert.equal(views[0].page_title, "Offer");
  assert.deepEqual(views[0].properties, { first_screen: 20, stock: 3 });
});

for (const [by, listen] of [["the history", undefined], ["the Navigation API", (call) => call]]) {
  test(`after replaceState page() makes the view of the new address, seen by ${by}`, async () => {
    let changed = () => {};
    const navigation = listen && { addEventListener: (_, call) => (changed = call) };
    const page = new Page({ window: { navigation } });
    const replace = (to) => { page.window.history.replaceState({}, "", to); changed({ navigationType: "replace" }); };
    await page.pass(1_500);
    replace("/b");
    page.footfall.page({ type: "offer" });
    replace("/b#one");
    page.footfall.page({ title: "B" });
    await page.pass(1_000);
    assert.deepEqual(paths(page), ["/a", "/b"]);
    assert.deepEqual(page.named("page_viewed").map((event) => event.page_title), ["A", "B"]);
  });
}

test("by hand, only page() makes views", async () => {
  const page = new Page({ data: { views: "manual" } });
  page.window.history.pushState({}, "", "/b");
  await page.pass(2_000);
  assert.deepEqual(page.names, []);
  page.footfall.page({ type: "offer" });
  page.footfall.page({ type: "offer" });
  await page.pass(1_000);
  assert.deepEqual(paths(page), ["/b", "/b"]);
});

test("by hand, no look, activation, consent or way back makes a view; page() does, also unseen", async () => {
  const page = new Page({ data: { views: "manual", consent: "required" }, document: { visibilityState: "hidden", prerendering: true } });
  page.document.prerendering = false;
  page.fire("prerenderingchange");
  await page.show();
  page.footfall.optIn();
  await page.hide();
  await page.show();
  await page.pass(20_000);
  assert.deepEqual(page.names, []);
  await page.hide();
  page.footfall.page({ type: "offer" });
  await page.pass(1_000);
  assert.deepEqual(page.names, []);
  await page.show();
  await page.pass(3_000);
  await page.leave();
  page.document.visibilityState = "visible";
  page.fire("pageshow", { persisted: true });
  page.fire("visibilitychange");
  await page.pass(3_000);
  assert.deepEqual(paths(page), ["/a"]);
  page.footfall.page({ type: "list" });
  await page.pass(1_000);
  assert.deepEqual(page.named("page_viewed").map((event) => event.page_type), ["offer", "list"]);
  assert.equal(page.named("page_viewed")[0].referrer, "https://search.example/");
});

test("scroll depth is a part of what can be scrolled, and the first screen is the view's", async () => {
  const page = new Page({ document: { documentElement: { scrollHeight: 1_400, clientHeight: 600 } } });
  await page.pass(16_000);
  await page.scrollTo(400);
  await page.scrollTo(0);
  await page.pass(16_000);
  assert.deepEqual(page.named("page_engaged").map((event) => event.properties.scroll_depth), [0, 50]);
  assert.deepEqual(page.events[0].properties, { first_screen: 43 });
});

test("a page that fits the window has no scroll depth", async () => {
  const page = new Page({ document: { documentElement: { scrollHeight: 600, clientHeight: 600 } } });
  await page.pass(16_000);
  assert.equal("scroll_depth" in page.named("page_engaged")[0].properties, false);
  assert.deepEqual(page.events[0].properties, { first_screen: 100 });
});

test("a page whose content comes late is measured when it has its height", async () => {
  const element = { scrollHeight: 600, clientHeight: 600 };
  const page = new Page({ document: { documentElement: element } });
  await page.pass(500);
  element.scrollHeight = 6_600;
  await page.pass(1_000);
  await page.scrollTo(600);
  await page.pass(16_000);
  assert.equal(page.events[0].properties.first_screen, 9);
  assert.equal(page.named("page_engaged")[0].properties.scroll_depth, 10);
});

test("time runs while the page is visible and focused", async () => {
  const page = new Page();
  await page.pass(3_000);
  page.focused = false;
  page.fire("blur");
  await page.pass(20_000);
  page.focused = true;
  page.fire("focus");
  await page.pass(2_000);
  await page.hide();
  await page.pass(20_000);
  await page.show();
  await page.pass(1_000);
  await page.leave();
  assert.equal(engagedSeconds(page), 6);
});

test("time stops sixty seconds after the last use, and any key goes on with it", async () => {
  const page = new Page();
  await page.pass(200_000);
  page.fire("keydown");
  await page.pass(30_000);
  await page.leave();
  assert.equal(engagedSeconds(page), 90);
});

test("sleep makes no seconds, whatever the clock says after it", async () => {
  const page = new Page();
  await page.pass(3_000);
  page.sleep(8 * 3_600_000);
  await page.pass(2_000);
  await page.leave();
  assert.ok(Math.abs(engagedSeconds(page) - 5) <= 1, String(engagedSeconds(page)));
});

test("a focus in an iframe of the page is the page's", async () => {
  const page = new Page();
  page.fire("blur");
  await page.pass(5_000);
  await page.leave();
  assert.equal(engagedSeconds(page), 5);
});
