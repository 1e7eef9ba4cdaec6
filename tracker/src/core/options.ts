/** What a site has chosen: the attributes of the script element, or the options given to `init`. Decides nothing. */

/** The options of `init`. Each is also an attribute of the script: `pageType` is `data-page-type`. */
export interface Options {
  /** The site's public write key. */
  key: string;
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
  /** The person has objected. */
  optOut?: Switch;
  /** Send nothing from this page; with a list of paths (`"/admin/*, /preview"`), from these. */
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

/** As attributes are: text, and undefined where there is none. */
export type Chosen = { [name in keyof Options]?: string };

export let options: Chosen;

/** Read options from here. They are read anew each time: a site may change its attributes with its route. */
export function choose(chosen: Chosen): void {
  options = chosen;
}
