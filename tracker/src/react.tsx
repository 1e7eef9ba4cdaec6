/** `@footfall/tracker/react`: the tracker of a React application. */
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { type Footfall, type Options, init } from "./index";

const Tracker = createContext<Footfall | undefined>(undefined);

/** Options of the tracker; React keeps `key` for itself. */
export type ProviderOptions = Omit<Options, "key"> & { siteKey: string; collector: string };

/** Start the tracker for all components below. */
export function FootfallProvider({ children, siteKey, ...options }: ProviderOptions & { children?: ReactNode }) {
  const [tracker] = useState(() => init({ key: siteKey, ...options }));
  return <Tracker.Provider value={tracker}>{children}</Tracker.Provider>;
}

/** The calls of the tracker. With a type or an identifier the component describes the page view under way. */
export function useFootfall(page: { pageType?: string; pageIdentifier?: string | number } = {}): Footfall {
  const tracker = useContext(Tracker);
  if (!tracker) throw new Error("useFootfall needs a FootfallProvider above it");
  const { pageType, pageIdentifier } = page;
  useEffect(() => {
    if (pageType != null || pageIdentifier != null) tracker.page({ type: pageType, identifier: pageIdentifier });
  }, [tracker, pageType, pageIdentifier]);
  return tracker;
}
