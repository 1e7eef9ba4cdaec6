/** Cookies of a domain as a storage: what one subdomain keeps, the others read. */

const YEAR_SECONDS = 31_536_000;

/** First-party cookies by name. One that the browser refuses is not there after it was set; to have none is an error. */
export function cookiesOf(domain: string): Record<string, string> {
  const read = (name: string) => {
    const found = document.cookie.match(`(^|; )${name}=([^;]+)`);
    return found ? decodeURIComponent(found[2]) : undefined;
  };
  const write = (name: string, value: string, age: number) => {
    document.cookie = `${name}=${encodeURIComponent(value)};domain=${domain};path=/;max-age=${age};samesite=lax`;
    return (read(name) ?? "") === value;
  };
  // A frame in a sandbox may not even read.
  read("");
  return new Proxy({} as Record<string, string>, {
    get: (_, name) => read(String(name)),
    set: (_, name, value) => write(String(name), value, YEAR_SECONDS),
    deleteProperty: (_, name) => write(String(name), "", 0),
  });
}
