import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Page } from "./page.mjs";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;
execFileSync(process.execPath, ["build.mjs", "package"], { cwd: new URL("..", import.meta.url) });
const { createElement, StrictMode } = await import("react");
const { act, create } = await import("react-test-renderer");

test("on a server its calls do nothing", async () => {
  const { init } = await import("../dist/index.js");
  const tracker = init({ key: "ff_key", collector: "https://collect.example" });
  assert.equal(tracker.track("a"), undefined);
  assert.equal(tracker.orderPlaced({}), undefined);
});

test("components describe their views, and a page counts once under StrictMode", async () => {
  const page = new Page({ entry: null });
  for (const [name, value] of Object.entries(page.window)) {
    if (!["URL", "Blob", "AbortSignal", "console"].includes(name)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }
  globalThis.window = globalThis;
  const { FootfallProvider, useFootfall } = await import("../dist/react.js");
  function Offer({ id }) {
    const footfall = useFootfall({ pageType: "offer", pageIdentifier: id });
    return createElement("button", { onClick: () => footfall.orderPlaced({ order_id: "1", amount: 2, currency: "EUR" }) });
  }
  const app = (id) =>
    createElement(StrictMode, null,
      createElement(FootfallProvider, { siteKey: "ff_key", collector: "https://collect.example", vitals: false },
        createElement(Offer, { id })));
  let root;
  await act(() => { root = create(app(undefined)); });
  await act(() => root.update(app("17")));
  await page.pass(1_000);
  page.window.history.pushState({}, "", "/b");
  await act(() => root.update(app("18")));
  root.root.findByType("button").props.onClick();
  await page.pass(1_000);
  assert.deepEqual(page.events.map((event) => [event.event_name, event.page_type, event.page_identifier, event.page_url]), [
    ["page_viewed", "offer", "17", "https://shop.example/a"],
    ["page_engaged", "offer", "17", "https://shop.example/a"],
    ["page_viewed", "offer", "18", "https://shop.example/b"],
    ["order_placed", "offer", "18", "https://shop.example/b"],
  ]);
  assert.equal(page.sent[0].to, "https://collect.example/v1/events?key=ff_key");
});
