/** What is sent without a call: links that lead away, downloads, forms, errors, missing pages, and how fast it was. */
import { type Name, isOff, option } from "./options";
import { record, whenFirstSeen, whenViewEnds } from "./tracker";

const FILES = /\.(7z|apk|avi|csv|dmg|docx?|epub|exe|gz|jar|key|mov|mp[34]|msi|odt|pdf|pkg|pptx?|rar|rtf|tar|txt|wav|xlsx?|zip)$/i;
const MOST_ERRORS = 10;

type Measure = typeof import("./vitals").measure;

/** Watch all that is not switched off. The part for web vitals is larger than the rest, and loaded when it is needed. */
export function watchPage(loadVitals: () => Promise<{ measure: Measure }>): void {
  const watch = (name: Name, kinds: string[], call: (event: any) => void) =>
    isOff(name) || kinds.forEach((kind) => addEventListener(kind, call, true));

  for (const kind of ["click", "auxclick"]) addEventListener(kind, (event) => follow(event as MouseEvent), true);
  watch("forms", ["submit"], ({ target }) =>
    record("form_submitted", { form_id: attribute(target, "id"), form_name: attribute(target, "name") }),
  );
  watch("errors", ["error", "unhandledrejection"], fail);
  whenFirstSeen(() => {
    if (option("status") === "404") record("page_not_found", {});
    if (!isOff("vitals")) {
      loadVitals().then(
        ({ measure }) => measure((properties) => record("web_vital_measured", properties), whenViewEnds),
        () => 0,
      );
    }
  });
}

function follow({ target, button }: MouseEvent): void {
  const link = button < 2 && (target as Element).closest?.<HTMLAnchorElement>("a[href]");
  if (!link || !link.protocol?.startsWith("http")) return;
  const isFile = link.hasAttribute("download") || FILES.test(link.pathname);
  if (isFile) isOff("downloads") || record("file_downloaded", { url: link.href });
  else if (link.host !== location.host && !isOff("outbound")) record("outbound_link_clicked", { url: link.href });
}

let errors = 0;
let lastError: string;

function fail(event: ErrorEvent & PromiseRejectionEvent): void {
  // A picture that does not load is an error event, too, without a message.
  const message = String(event.message ?? event.reason ?? "").slice(0, 500);
  if (!message || message === lastError || ++errors > MOST_ERRORS) return;
  lastError = message;
  record("javascript_error", { message, source: event.filename?.slice(0, 500), line: event.lineno });
}

function attribute(element: Element, name: string): string | undefined {
  return element.getAttribute(name) ?? undefined;
}
