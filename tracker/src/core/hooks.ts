/** Where the whole script adds to the core. */

export const hooks = {
  /** A view is seen. */
  seen_() {},
  /** A view is about to end. */
  ends_() {},
  /** What rules say of an address, and what stands for their `*`; undefined if none fits. The core knows no rules. */
  fit_(rules: string, _url: string): (string | undefined)[] | undefined {
    return [rules];
  },
  /** The address of the page, by which views differ. */
  address_(): string {
    return location.href;
  },
  /** Where the device's things are kept. */
  storage_(): Record<string, string> {
    return localStorage;
  },
};
