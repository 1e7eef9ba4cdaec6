/** The page view under way: its id, its address, and what the site says it is of. Sends nothing. */
import { hooks } from "./hooks";
import { uuid } from "./identity";
import { options } from "./options";

/** What `page()` says of a view. */
export interface Description {
  type?: string;
  identifier?: string | number;
  title?: string;
  properties?: Record<string, unknown>;
}

export interface View {
  id_: string;
  url_: string;
  referrer_?: string;
  isSeen_?: boolean;
  said_: Description;
}

export let view: View;

/** Begin a view of the present address. */
export function beginView(referrer: string, said: Description): void {
  view = { id_: uuid(), url_: hooks.address_(), referrer_: referrer, said_: said };
}

/** The fields that name an event's view. Read late: a title comes a moment after its address. */
export function pageFields({ id_, url_, referrer_, said_ }: View) {
  const { pageType, pageIdentifier } = options;
  const [type, rest] = (pageType && hooks.fit_(pageType, url_)) || [];
  return {
    page_view_id: id_,
    page_url: url_,
    page_host: location.hostname,
    page_title: said_.title ?? document.title,
    referrer: referrer_ || undefined,
    page_type: said_.type ?? type,
    page_identifier: (said_.identifier ?? pageIdentifier ?? rest)?.toString(),
  };
}
