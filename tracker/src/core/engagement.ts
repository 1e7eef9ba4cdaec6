/** How long, how far and how often a view is used. Time runs while the page is visible, focused and lately used. */

const enum Ms {
  IDLE = 60_000,
  /** The clock ticks every second. In a longer gap the machine slept: a person used no more of it than one tick. */
  GAP = 5_000,
  TICK = 1_000,
}

let engagedMs: number;
let clicks: number;
let deepest: number;
let since = 0;
let usedAt = 0;
let isRunning: boolean;

/** Count what passed since the last look. To come back to a page is to use it. */
export function spend(): void {
  const now = performance.now();
  const passed = Math.min(now, usedAt + Ms.IDLE) - since;
  if (isRunning && passed > 0) engagedMs += passed < Ms.GAP ? passed : Ms.TICK;
  const isWatched = isVisible() && document.hasFocus();
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
export function takeEngagement() {
  spend();
  if (engagedMs < 1 && !clicks) return;
  const room = root().scrollHeight - root().clientHeight;
  // A page that fits the window has no depth.
  const scroll_depth = room > 1 ? percent(deepest, room) : undefined;
  const engagement = { engaged_ms: Math.round(engagedMs), scroll_depth, clicks };
  engagedMs = clicks = 0;
  return engagement;
}

/** Percent of the page's height that the window shows. */
export function firstScreen(): number {
  return percent(root().clientHeight, root().scrollHeight);
}

export function isVisible(): boolean {
  return !document.hidden;
}

function root(): Element {
  return document.scrollingElement ?? document.documentElement;
}

function percent(part: number, whole: number): number {
  return Math.min(100, Math.round((100 * part) / whole));
}

/** A pointer moves a hundred times a second: only after a pause is there something to count before. */
function use({ type }: Event): void {
  if (performance.now() - usedAt > Ms.IDLE) spend();
  usedAt = performance.now();
  if (type === "click") clicks += 1;
}

/** Listen to the person. What scrolls inside the page may scroll by itself: only the page counts. */
export function watchEngagement(): void {
  for (const kind of ["click", "keydown", "pointermove", "wheel"]) {
    addEventListener(kind, use, { capture: true, passive: true });
  }
  addEventListener("scroll", (event) => {
    use(event);
    deepest = Math.max(deepest, scrollY);
  });
  for (const kind of ["focus", "blur", "visibilitychange"]) addEventListener(kind, spend);
}
