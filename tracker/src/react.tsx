/** `@footfall/tracker/react`: the tracker of a React application. */
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { type Footfall, type Options, init } from "./index";

const Tracker = createContext<Footfall | undefined>(undefined);

/** Start the tracker for all components below. */
export function FootfallProvider({ children, ...options }: Options & { collector: string; children?: ReactNode }) {
  const [tracker] = useState(() => init(options));
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
