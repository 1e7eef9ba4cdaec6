"""Two days of two sites, small enough to know every figure.

At `shop` on 2 November ann looks around without signing in, and eve gives up a checkout whose payment failed. On the
3rd ann signs up, carl's payment fails once before he buys, dora books, fay talks to the widget, gus and an
unknown visitor visit a community, and a robot comes by. At `blog` ann's device reads one page.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.events import event

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def happened(at: str, device: str, name: str = "page_viewed", path: str = "/", **fields: Any) -> dict[str, Any]:
    """An event with an id that says when and whose."""
    fields.setdefault("page_url", f"https://shop.example{path}")
    return event(f"2026-11-{at}", device, name, event_id=f"{device} {at}", user_agent=FIREFOX, **fields)


SHOP = (
    happened("02 09:00", "ann's", referrer="https://www.google.com/"),
    happened("02 09:05", "ann's", path="/offer/1"),
    happened("03 10:00", "ann's", path="/login"),
    happened("03 10:02", "ann's", "user_signed_up", user_id="ann"),
    happened("03 10:10", "ann's", user_id="ann"),
    happened("02 13:00", "eve's", path="/checkout", page_type="checkout"),
    happened("02 13:01", "eve's", "checkout_started", "/checkout", properties={
        "checkout_id": "c-eve", "total_amount": 30, "currency": "EUR", "items": [{"id": 1}],
    }),
    happened("02 13:02", "eve's", "payment_failed", "/checkout", properties={
        "checkout_id": "c-eve", "error_code": "insufficient_funds", "error_message": "Not enough.",
    }),
    happened("03 11:00", "carl's", path="/offer/2?utm_source=news&utm_medium=email", page_type="offer", user_id="carl"),
    happened("03 11:01", "carl's", "page_engaged", "/offer/2", properties={
        "engaged_ms": 15000, "scroll_depth": 50, "clicks": 1,
    }),
    happened("03 11:02", "carl's", "checkout_started", user_id="carl", properties={
        "checkout_id": "c-carl", "total_amount": 100, "currency": "EUR", "items": [{"id": 1}, {"id": 2}],
        "payment_method": "card",
    }),
    happened("03 11:03", "carl's", "payment_failed", user_id="carl", properties={
        "checkout_id": "c-carl", "error_code": "card_declined", "error_message": "Declined.",
    }),
    happened("03 11:04", "carl's", "payment_succeeded", user_id="carl", properties={"checkout_id": "c-carl"}),
    happened("03 11:05", "carl's", "order_placed", user_id="carl", properties={
        "checkout_id": "c-carl", "order_id": "o-1", "amount": 100, "currency": "EUR",
    }),
    happened("03 12:00", "dora's"),
    happened("03 12:01", "dora's", "user_signed_in", user_id="dora"),
    happened("03 12:02", "dora's", "booking_placed", user_id="dora", properties={
        "booking_id": "b-1", "service": "massage", "amount": 50, "currency": "USD",
    }),
    happened("03 12:03", "dora's", "review_posted", user_id="dora"),
    happened("03 12:04", "dora's", "user_signed_out", user_id="dora"),
    happened("03 14:00", "fay's", "widget_loaded", "/help"),
    happened("03 14:01", "fay's", "widget_opened", "/help"),
    happened("03 14:02", "fay's", "message_sent", "/help"),
    happened("03 14:03", "fay's", "message_received", "/help", properties={"response_ms": 9000}),
    happened("03 14:04", "fay's", "session_ended", "/help", properties={"reason": "page_unload"}),
    *(
        happened("03 16:00", f"{device}'s", "community_visited", "/community", properties={
            "community_id": "m-1", "community_slug": "music", "visitor_division_id": "1", "community_division_id": "2",
        }, **known)
        for device, known in (("gus", {"user_id": "gus"}), ("somebody", {}))
    ),
    happened("03 15:00", "robot's", user_id="robot") | {"user_agent": ROBOT},
)  # fmt: skip
BLOG = (happened("03 09:00", "ann's", page_url="https://blog.example/post"),)


def happening() -> list[dict[str, Any]]:
    """What goes on at `shop` while the tests run; no night has seen it."""
    now = datetime.now(UTC)
    return [
        event(now - timedelta(minutes=1), "hal's", page_url="https://shop.example/checkout", page_type="checkout"),
        event(now - timedelta(minutes=2), "ina's", page_type="homepage", user_id="ina"),
        event(now - timedelta(seconds=150), "jon's", "community_visited", user_id="jon", properties={
            "community_id": "m-1", "community_slug": "music", "visitor_division_id": "1", "community_division_id": "2",
        }),
        event(now - timedelta(minutes=3), "kim's", "checkout_started", properties={"checkout_id": "c-kim"}),
        event(now - timedelta(seconds=170), "kim's", "payment_failed", properties={
            "checkout_id": "c-kim", "error_code": "card_declined", "amount": 20, "currency": "EUR",
        }),
    ]  # fmt: skip
