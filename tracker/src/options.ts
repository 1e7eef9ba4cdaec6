/** What a site has chosen: the attributes of the script element, or the options given to `init`. Decides nothing. */

/** The options of `init`. Each is also an attribute of the script: `pageType` is `data-page-type`. */
export interface Options {
  /** The site's public write key. */
  key: string;
  /** Address of the collector. A script needs none: it sends to where it came from. */
  collector?: string;
  /** Type of the page, or rules by path: `"/=homepage, /offers/*=offer"`. */
  pageType?: string;
  /** Which page of its type. With rules it is what stands for the first `*`. */
  pageIdentifier?: string;
  /** `"manual"`: only `page()` makes a view. */
  views?: "manual";
  /** Whether the part after `#` names the page. */
  hash?: Switch;
  /** `"required"`: nothing is stored or sent before `optIn()`. */
  consent?: "required";
  /** `"cookieless"`: nothing is stored in the browser; the collector derives the device. */
  identity?: "cookieless";
  /** One device over all subdomains of this domain, kept in a first-party cookie. */
  domain?: string;
  /** Present: the person has objected. */
  optOut?: Switch;
  /** Present: nothing is sent from this page; with a list of paths (`"/admin/*, /preview"`), from these. */
  ignore?: Switch | string;
  /** HTTP status of the page; 404 is sent as `page_not_found`. */
  status?: number | string;
  outbound?: Off;
  downloads?: Off;
  forms?: Off;
  errors?: Off;
  vitals?: Off;
}

type Off = "off" | false;
type Switch = boolean | "";
export type Name = keyof Options;

let read: (name: Name) => unknown;

/** Where options come from. Attributes are read anew each time: a site may change them with its route. */
export function readOptionsFrom(source: (name: Name) => unknown): void {
  read = source;
}

/** The option's text; undefined where the site has not chosen. */
export function option(name: Name): string | undefined {
  const value = read(name);
  return value == null || value === false ? undefined : String(value === true ? "" : value);
}

/** Whether the site has switched this off. */
export function isOff(name: Name): boolean {
  return read(name) === false || option(name) === "off";
}

/** The value of the first rule whose path fits, and what stands for its first `*`. Rules: `"/=home, /offers/*=offer"`. */
export function firstRule(rules: string, path: string): [value: string, rest?: string] | undefined {
  for (const rule of rules.split(",")) {
    const [pattern, value = ""] = rule.trim().split("=");
    const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "(.*)");
    const found = path.match(`^${expression}$`);
    if (found) return [value, found[1]];
  }
}
