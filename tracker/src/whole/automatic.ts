/**
 * What is sent without a call: links that lead away, downloads, forms, errors, missing pages, and how fast it was.
 * Addresses go without their query, which can hold a secret: a signature, a token.
 */
import { Level, consent } from "../core/consent";
import { hooks } from "../core/hooks";
import { options } from "../core/options";
import { record } from "../core/tracker";

const FILES = /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|mov|mp[34]|msi|od[st]|pdf|pkg|pptx?|rar|rtf|txt|wav|xlsx?|zip)$/i;
const enum Most {
  ERRORS = 10,
  CHARACTERS = 500,
}

type Measure = typeof import("./vitals").measure;

/** Watch all that is not switched off. The part for web vitals is larger than the rest, and loaded when a view is seen. */
export function watchPage(load: () => Promise<{ measure: Measure }>): void {
  const { outbound, downloads, forms, errors, vitals, status } = options;
  let known = 0;
  let last: string;

  const on = (kind: string, choice: string | undefined, call: (event: any) => void) =>
    choice === "off" || addEventListener(kind, call, true);

  const follow = ({ target, button }: MouseEvent) => {
    const link = (target as Element).closest?.<HTMLAnchorElement>("a[href]");
    if (!link || button > 1 || !/^http/.test(link.protocol)) return;
    const { origin, host, pathname } = link;
    const url = origin + pathname;
    if (link.hasAttribute("download") || FILES.test(pathname)) downloads === "off" || record("file_downloaded", { url });
    else if (host !== location.host && outbound !== "off") record("outbound_link_clicked", { url });
  };

  // A picture that does not load is an error without a message.
  const fail = ({ message, reason, filename, lineno }: ErrorEvent & PromiseRejectionEvent) => {
    const text = `${message ?? reason ?? ""}`.slice(0, Most.CHARACTERS);
    if (!text || text === last || ++known > Most.ERRORS) return;
    last = text;
    record("javascript_error", { message: text, source: filename?.split(/[?#]/)[0], line: lineno });
  };

  on("click", "", follow);
  on("auxclick", "", follow);
  on("submit", forms, ({ target }) =>
    record("form_submitted", { form_id: target.getAttribute("id"), form_name: target.getAttribute("name") }),
  );
  on("error", errors, fail);
  on("unhandledrejection", errors, fail);
  hooks.seen_ = () => {
    hooks.seen_ = () => {};
    if (status === "404") record("page_not_found", {});
    if (vitals === "off" || consent() < Level.NAMED) return;
    const measure = async () => {
      try {
        hooks.ends_ = (await load()).measure((metric) => record("web_vital_measured", metric));
      } catch {
        // A policy or a blocker of the page does not let it load.
      }
    };
    // Not while the page itself loads: what was measured until then is kept by the browser.
    if (document.readyState === "complete") void measure();
    else addEventListener("load", measure);
  };
}
