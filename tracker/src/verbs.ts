/** The standard events as calls of their own: `order_placed` is `orderPlaced(properties)`. */

const NUMBER = "#";

/** Each event with the properties it needs; those with a number in them end in `#`. */
export const VERBS =
  "checkout_started checkout_id total_amount# currency;payment_started checkout_id;" +
  "payment_failed checkout_id error_code;payment_succeeded checkout_id;order_placed order_id amount# currency;" +
  "booking_placed booking_id service amount# currency;review_posted;community_visited community_id;" +
  "widget_loaded;widget_opened;widget_minimized;widget_error;message_sent;message_received response_ms#;" +
  "pre_chat_form_shown;pre_chat_form_submitted;feedback_given rating#;api_error;slow_response duration_ms#;" +
  "user_signed_up;user_signed_in";

type Properties = Record<string, unknown>;

/** One function a verb. A property that is missing is reported on the console; the event is sent all the same. */
export function makeVerbs(track: (name: string, properties: Properties) => void) {
  const verbs: Record<string, (properties?: Properties) => void> = {};
  for (const line of VERBS.split(";")) {
    const [name, ...needed] = line.split(" ");
    verbs[name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())] = (properties = {}) => {
      const missing = needed.filter((each) =>
        each.endsWith(NUMBER) ? !Number.isFinite(properties[each.slice(0, -1)]) : properties[each] == null,
      );
      if (missing.length) console.warn(`footfall: ${name} lacks`, missing.join(", ").replaceAll(NUMBER, " (a number)"));
      track(name, properties);
    };
  }
  return verbs;
}
