"""Who is on the site now, and what they do. It moves by itself: `static/live.js` listens to the live stream."""

from serving.page.card import Card, Column, Page
from serving.page.words import Kind

_MOST = {"rows": 20}
_NO_VISITOR = "No visitor is here now. An event shows within 2 seconds of its sending."


def _texts(**headings: str) -> tuple[Column, ...]:
    return tuple(Column(name, heading, Kind.TEXT) for name, heading in headings.items())


PAGE = Page(
    "live",
    "Live",
    "Who is here now, on which pages, and what happens.",
    cards=(
        Card(
            "active_sessions",
            "Active sessions",
            "active_sessions",
            (
                *_texts(visitor_id="Visitor", user_id="User", page_path="Page", device_type="Device"),
                Column("page_view_count", "Page views"),
                Column("last_seen_at", "Last seen", Kind.MOMENT),
            ),
            given=_MOST,
            is_wide=True,
            empty=_NO_VISITOR,
            note="One row a visitor: those with an event in the last 30 minutes and no end of the session since.",
        ),
        Card(
            "events",
            "Events",
            "live_events",
            (
                Column("occurred_at", "When", Kind.MOMENT),
                *_texts(event_name="Event", visitor_id="Visitor", page_path="Page"),
            ),
            given=_MOST,
            is_wide=True,
            empty="Nothing happened in the last 30 minutes.",
            note="The newest events of the last 30 minutes, without their properties.",
        ),
        Card(
            "pages",
            "Pages they are on",
            "live_pages",
            (*_texts(page_type="Type", page_identifier="Which"), Column("visitor_count", "Visitors")),
            given=_MOST,
            empty="No visitor is on a page that says its type.",
            note="Of visitors whose page says its type (`page_type`).",
        ),
        Card(
            "areas",
            "Areas of the shop",
            "live_visitors",
            (*_texts(area="Area"), Column("visitor_count", "Visitors")),
            empty=_NO_VISITOR,
            note="Each visitor is in one area at the most.",
        ),
        Card(
            "checkouts",
            "Open checkouts",
            "live_checkouts",
            (
                *_texts(visitor_id="Visitor", last_commerce_event="Last step", page_path="Page"),
                Column("last_update_at", "Last seen", Kind.MOMENT),
            ),
            given=_MOST,
            empty="No checkout is open now.",
            note="Visitors whose last event of a checkout is its start, the start of a payment, or its failure.",
        ),
        Card(
            "payment_errors",
            "Payment errors",
            "live_payment_errors",
            (
                Column("occurred_at", "When", Kind.MOMENT),
                *_texts(error_code="Code", error_message="Message"),
                Column("amount", "Amount", Kind.MONEY),
                *_texts(currency="Currency"),
            ),
            given=_MOST,
            is_wide=True,
            empty="No payment failed in the last 24 hours.",
            note="Payments that failed in the last 24 hours.",
        ),
    ),
    has_days=False,
    template="live.html",
)
