/** When the address changes without a load. Says so, and leaves to others whether that is a view. */

/** Call `moved` after a step to another entry of the history, `replaced` after a change of the present one. */
export function watchRoutes(moved: () => void, replaced: () => void): void {
  const { navigation } = window;
  if (navigation) {
    navigation.addEventListener("currententrychange", ({ navigationType }) =>
      navigationType === "replace" ? replaced() : moved(),
    );
    return;
  }
  for (const [kind, call] of [["pushState", moved], ["replaceState", replaced]] as const) {
    const original = history[kind];
    history[kind] = function (...given) {
      original.apply(this, given);
      call();
    };
  }
  addEventListener("popstate", moved);
}
