/** What a site can say to the whole script and not to the core: verbs, rules by path, routes in the hash, and a domain. */
import { cookiesOf } from "./cookies";
import { unfoldedAddress } from "./hash";
import { hooks } from "../core/hooks";
import { options } from "../core/options";
import { firstRule } from "./rules";
import { addVerbs } from "./verbs";

/** Add them to the core, before it begins. */
export function addWords(): void {
  addVerbs();
  hooks.fit_ = firstRule;
  const { domain, hash } = options;
  if (hash != null) hooks.address_ = unfoldedAddress;
  if (domain) hooks.storage_ = () => cookiesOf(domain);
}
