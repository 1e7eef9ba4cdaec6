/** What a site can say to the whole script and not to the core: verbs, rules by path, and a domain. */
import { cookiesOf } from "./cookies";
import { hooks } from "./hooks";
import { options } from "./options";
import { firstRule } from "./rules";
import { addVerbs } from "./verbs";

/** Add them to the core, before it begins. */
export function addWords(): void {
  addVerbs();
  hooks.fit_ = firstRule;
  const { domain } = options;
  if (domain) hooks.storage_ = () => cookiesOf(domain);
}
