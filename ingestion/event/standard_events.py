"""The standard events and the categories, in the one place from which code and docs draw.

Any other name in snake_case is accepted as a custom event. The models define which figures count which names.
"""

from typing import Final, Literal, get_args

Category = Literal["engagement", "performance", "error", "system", "commerce", "identity"]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

CUSTOM_EVENT_CATEGORY: Final[Category] = "engagement"
"""Category of an event that is not listed here and gives none."""

STANDARD_EVENTS: Final[dict[str, Category]] = {
    "page_viewed": "engagement",
    "page_engaged": "engagement",
    "session_ended": "system",
    "user_identified": "identity",
    "user_signed_up": "identity",
    "user_signed_in": "identity",
    "user_signed_out": "identity",
    "widget_loaded": "system",
    "widget_opened": "engagement",
    "widget_minimized": "engagement",
    "message_sent": "engagement",
    "message_received": "engagement",
    "pre_chat_form_shown": "engagement",
    "pre_chat_form_submitted": "engagement",
    "feedback_given": "engagement",
    "widget_error": "error",
    "api_error": "error",
    "slow_response": "performance",
    "checkout_started": "commerce",
    "payment_started": "commerce",
    "payment_failed": "commerce",
    "payment_succeeded": "commerce",
    "order_placed": "commerce",
    "booking_placed": "commerce",
    "review_posted": "engagement",
    "community_visited": "engagement",
}
"""Each standard event with the category it has unless the client gives one."""

AUTOMATIC_EVENTS: Final[dict[str, Category]] = {
    "outbound_link_clicked": "engagement",
    "file_downloaded": "engagement",
    "form_submitted": "engagement",
    "page_not_found": "error",
    "javascript_error": "error",
    "web_vital_measured": "performance",
}
"""The same of what the tracker sends without a call, beside page views and engagement."""

EVENT_CATEGORIES: Final = STANDARD_EVENTS | AUTOMATIC_EVENTS

CONTACT_EVENTS: Final = frozenset({"payment_failed", "user_identified"})
CONTACT_FIELDS: Final = ("email", "phone", "name")
"""Event → properties that hold contacts of people, for the vault."""
