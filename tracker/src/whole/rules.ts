/** Rules by path, such as `"/=home, /offers/*=offer"` or `"/admin/*, /preview"`. */

/** What the first rule that fits says, and what stands for its `*`. A text that is no list of paths fits everywhere. */
export function firstRule(rules: string, url: string): (string | undefined)[] | undefined {
  if (!/^[/*]/.test(rules)) return [rules];
  const { pathname } = new URL(url);
  for (const rule of rules.split(",")) {
    const [pattern, value] = rule.trim().split("=");
    const expression = pattern.replace(/\W/g, (sign) => (sign === "*" ? "(.*)" : `\\${sign}`));
    const found = pathname.match(`^${expression}$`);
    if (found) return [value, found[1]];
  }
}
