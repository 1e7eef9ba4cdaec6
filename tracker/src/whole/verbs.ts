/** The standard events as calls of their own: `order_placed` is `orderPlaced(properties)`. */
import { calls } from "../core/tracker";

/** Each event with the properties it needs; `#` ends the name of a number. */
const VERBS =
  "checkout_started checkout_id total_amount# currency,payment_started checkout_id," +
  "payment_failed checkout_id error_code,payment_succeeded checkout_id,order_placed order_id amount# currency," +
  "booking_placed booking_id service amount# currency,review_posted,community_visited community_id," +
  "widget_loaded,widget_opened,widget_minimized,widget_error,message_sent,message_received response_ms#," +
  "pre_chat_form_shown,pre_chat_form_submitted,feedback_given rating#,api_error,slow_response duration_ms#," +
  "user_signed_up,user_signed_in";

type Properties = Record<string, unknown>;
type Verb<P = unknown> = (properties?: P & Properties) => void;

/** Without all of its properties an event is sent, and reported on the console. */
export interface Verbs {
  checkoutStarted(properties: { checkout_id: string; total_amount: number; currency: string } & Properties): void;
  paymentStarted(properties: { checkout_id: string } & Properties): void;
  paymentFailed(properties: { checkout_id: string; error_code: string } & Properties): void;
  paymentSucceeded(properties: { checkout_id: string } & Properties): void;
  orderPlaced(properties: { order_id: string; amount: number; currency: string } & Properties): void;
  bookingPlaced(
    properties: { booking_id: string; service: string; amount: number; currency: string } & Properties,
  ): void;
  reviewPosted: Verb;
  communityVisited(properties: { community_id: string } & Properties): void;
  widgetLoaded: Verb;
  widgetOpened: Verb;
  widgetMinimized: Verb;
  widgetError: Verb;
  messageSent: Verb;
  messageReceived(properties: { response_ms: number } & Properties): void;
  preChatFormShown: Verb;
  preChatFormSubmitted: Verb;
  feedbackGiven(properties: { rating: number } & Properties): void;
  apiError: Verb;
  slowResponse(properties: { duration_ms: number } & Properties): void;
  userSignedUp: Verb;
  userSignedIn: Verb;
}

/** Add the verbs to the calls. */
export function addVerbs(): void {
  for (const line of VERBS.split(",")) {
    const [name, ...needed] = line.split(" ");
    const verb = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    (calls as Record<string, unknown>)[verb] = (properties: Properties = {}) => {
      const missing = needed.filter((each) => {
        const value = properties[each.replace("#", "")];
        return each.endsWith("#") ? !Number.isFinite(value) : value == null;
      });
      if (missing.length) console.warn(`footfall: ${name} needs ${missing} (#: a number)`);
      calls.track(name, properties);
    };
  }
}
