/** The page view under way: its id, its address, and what the site says it is of. Sends nothing. */
import { firstRule, option } from "./options";
import { uuid } from "./identity";

/** What `page()` says of a view. */
export interface Description {
  type?: string;
  identifier?: string | number;
  title?: string;
  properties?: Record<string, unknown>;
}

export interface View {
  id: string;
  url: string;
  host: string;
  referrer: string;
  isSeen: boolean;
  description: Description;
}

export let view: View;

/** The part of the address that names the page. */
export function address(): string {
  return option("hash") == null ? location.href.split("#")[0] : location.href;
}

/** Begin a view of the present address. */
export function beginView(referrer: string, description: Description = {}): void {
  view = { id: uuid(), url: location.href, host: location.hostname, referrer, isSeen: false, description };
}

/** The fields of an event that name its view. Read late: a title comes a moment after its address. */
export function pageFields(of: View): Record<string, unknown> {
  const { type, identifier, title = document.title } = of.description;
  const pageType = option("pageType");
  const rule = pageType?.includes("=") ? (firstRule(pageType, pathOf(of.url)) ?? []) : [pageType];
  const named = identifier ?? option("pageIdentifier") ?? rule[1];
  return {
    page_view_id: of.id,
    page_url: of.url.slice(0, 2048),
    page_host: of.host || undefined,
    page_title: title.slice(0, 512),
    referrer: of.referrer.slice(0, 2048) || undefined,
    page_type: type ?? rule[0],
    page_identifier: named == null ? undefined : String(named),
  };
}

function pathOf(url: string): string {
  const { pathname, hash } = new URL(url);
  return option("hash") == null ? pathname : pathname + hash;
}
