/** What a site can say to the whole script and not to the core: verbs, rarer calls, rules by path, routes in the hash, and a domain. */
import { hooks } from "../core/hooks";
import { endClientSession } from "../core/identity";
import { options } from "../core/options";
import { forgetEvents } from "../core/queue";
import type { Calls } from "../core/start";
import { keep } from "../core/store";
import { calls, ping, record } from "../core/tracker";
import { cookiesOf } from "./cookies";
import { unfoldedAddress } from "./hash";
import { firstRule } from "./rules";
import { type Verbs, addVerbs } from "./verbs";

const rarer = {
  /** What comes next is another session. */
  endSession(reason = "sign_out") {
    ping();
    record("session_ended", { reason });
    endClientSession();
  },

  /** Send nothing from this browser, such as the site owner's own; `false` takes it back. */
  ignoreMe(isIgnored = true) {
    forgetEvents(isIgnored);
    keep("ignore", isIgnored ? "yes" : undefined);
  },
};

/** The calls of the whole tracker. */
export type Footfall = Calls & typeof rarer & Verbs;

/** Add them to the core, before it begins. */
export function addWords(): void {
  Object.assign(calls, rarer);
  addVerbs();
  hooks.fit_ = firstRule;
  const { domain, hash } = options;
  if (hash != null) hooks.address_ = unfoldedAddress;
  if (domain) hooks.storage_ = () => cookiesOf(domain);
}
