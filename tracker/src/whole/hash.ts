/** Addresses of applications that keep their path behind `#`. */

/** The address with that path as its own: `/app#/offers/7?tab=2` is `/app/offers/7?tab=2`. */
export function unfoldedAddress(): string {
  const { href, search, hash } = location;
  // Not of origin and path: a frame without an address, about:srcdoc, has the origin "null".
  const [page] = href.split(/[?#]/);
  const [route, query] = hash.replace(/^#!?\/?/, "").split("?");
  const path = route ? `${page.replace(/\/$/, "")}/${route}` : page;
  return path + search + (query ? (search ? "&" : "?") + query : "");
}
