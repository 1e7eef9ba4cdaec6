/** Addresses of applications that keep their path behind `#`. */

/** The address with that path as its own: `/app#/offers/7?tab=2` is `/app/offers/7?tab=2`. */
export function unfoldedAddress(): string {
  const { origin, pathname, search, hash } = location;
  const [route, query] = hash.replace(/^#!?\/?/, "").split("?");
  const path = route ? `${pathname.replace(/\/$/, "")}/${route}` : pathname;
  return origin + path + search + (query ? (search ? "&" : "?") + query : "");
}
