/** When the address changes without a load. Leaves to others whether that is a view. */

/** Call after each change, with whether the present entry of the history is replaced. */
export function watchRoutes(changed: (isReplaced: boolean) => void): void {
  const navigation = window.navigation as Navigation | undefined;
  if (navigation) {
    navigation.addEventListener("currententrychange", (event) => changed(event.navigationType === "replace"));
    return;
  }
  for (const kind of ["pushState", "replaceState"] as const) {
    const original = history[kind];
    history[kind] = function (...given) {
      original.apply(this, given);
      changed(kind !== "pushState");
    };
  }
  addEventListener("popstate", () => changed(false));
}
