/* A page as far as the tracker can see: `node page.js COLLECTOR [gpc | out]`. Prints what the browser has stored. */
const [, , collector, choice] = process.argv;
const stored = {};
const give = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

give("window", globalThis);
give("document", {
  currentScript: { src: `${collector}/tracker.core.js`, dataset: { key: "key-of-shop", pageType: "offer" } },
  referrer: "https://search.example/?q=zq7",
  title: "Offer",
  hidden: false,
  hasFocus: () => true,
  documentElement: { scrollHeight: 1000, clientHeight: 500 },
  addEventListener() {},
});
give("location", { href: "https://shop.example/a?gclid=zq7&utm_source=news", hostname: "shop.example", pathname: "/a" });
give("screen", { width: 1441, height: 901 });
give("history", { pushState() {}, replaceState() {} });
give("addEventListener", () => {});
give("scrollY", 0);
give("localStorage", stored);
give("navigator", {
  globalPrivacyControl: choice === "gpc",
  sendBeacon: (url, body) => { fetch(url, { method: "POST", body }); return true; },
});

fetch(`${collector}/tracker.core.js`).then((answer) => answer.text()).then((script) => {
  (0, eval)(script);
  footfall.identify("user-zq7", { plan: "pro" });
  if (choice === "out") footfall.optOut();
  footfall.track("order_placed", { order_id: "zq7" });
  location.href = "https://shop.example/b";
  history.pushState();
  setTimeout(() => { console.log(JSON.stringify(Object.keys(stored).sort())); process.exit(); }, 3500);
});
