/** How long, how far and how often a view is used. Time runs while the page is visible, focused and lately used. */

const IDLE_MS = 60_000;
/** The clock ticks every second. A longer gap is sleep, or a stopped process: no time of a person. */
const LONGEST_GAP_MS = 5_000;

let engagedMs = 0;
let clicks = 0;
let deepest = 0;
let since = 0;
let usedAt = 0;
let isRunning = false;

/** Count what passed since the last look. To come back to a page is to use it. */
export function spend(): void {
  const now = performance.now();
  if (isRunning && now - since < LONGEST_GAP_MS) engagedMs += Math.max(0, Math.min(now, usedAt + IDLE_MS) - since);
  const isWatched = document.visibilityState === "visible" && document.hasFocus();
  if (isWatched && !isRunning) usedAt = now;
  isRunning = isWatched;
  since = now;
}

/** A new view begins: nothing of it is used yet. */
export function beginEngagement(): void {
  isRunning = false;
  spend();
  engagedMs = clicks = deepest = 0;
}

/** What was used since the last call; undefined if nothing was. */
export function takeEngagement(): Record<string, number | undefined> | undefined {
  spend();
  const engaged = { engaged_ms: Math.round(engagedMs), scroll_depth: scrollDepth(), clicks };
  if (engagedMs < 1 && !clicks) return;
  engagedMs = clicks = 0;
  return engaged;
}

/** Percent of the page's height that the first screen shows. */
export function firstScreen(): number {
  const { clientHeight, scrollHeight } = root();
  return Math.min(100, Math.round((100 * clientHeight) / scrollHeight)) || 100;
}

/** Percent of what can be scrolled; undefined where the page fits the window. */
function scrollDepth(): number | undefined {
  const { clientHeight, scrollHeight } = root();
  const room = scrollHeight - clientHeight;
  return room > 1 ? Math.min(100, Math.round((100 * deepest) / room)) : undefined;
}

function root(): Element {
  return document.scrollingElement ?? document.documentElement;
}

function use(event: Event): void {
  spend();
  usedAt = performance.now();
  if (event.type === "click") clicks += 1;
  // Of the page itself: what scrolls inside it may scroll by itself.
  if (event.type === "scroll") deepest = Math.max(deepest, scrollY);
}

/** Listen to the person. */
export function watchEngagement(): void {
  const kinds = ["click", "keydown", "pointerdown", "pointermove", "touchstart", "wheel"];
  for (const kind of kinds) addEventListener(kind, use, { capture: true, passive: true });
  addEventListener("scroll", use, { passive: true });
  for (const kind of ["focus", "blur"]) addEventListener(kind, spend);
}
