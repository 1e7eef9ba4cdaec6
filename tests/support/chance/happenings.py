"""What happens in made-up histories: events, where visitors come from, what their devices are, how long they pause."""

import re
from datetime import timedelta

from runtime.settings import PROJECT
from tests.support.oracle.user_agents import (
    ANDROID,
    BINGBOT,
    FIREFOX,
    GOOGLEBOT,
    IPAD,
    IPHONE,
    PYTHON,
    SAFARI,
    TELEVISION,
)

HOUR, MINUTE, SECOND, TICK = (timedelta(**{unit: 1}) for unit in ("hours", "minutes", "seconds", "microseconds"))
HAPPENINGS = (
    *[("page_viewed", {})] * 40,
    *[("page_engaged", {"engaged_ms": 4000, "scroll_depth": 30, "clicks": 2})] * 7,
    ("page_engaged", {"engaged_ms": 700.5, "scroll_depth": 20}),
    *[("session_ended", {"reason": reason}) for reason in ("page_unload", "page_unload", "sign_out", "user_switch")],
    *[("session_ended", {"reason": reason}) for reason in ("sign_out", "user_switch")],
    *[("user_signed_out", {})] * 2,
    ("user_identified", {"email": "ann@example.org"}),
    ("user_signed_up", {}),
    ("user_signed_in", {}),
    ("review_posted", {}),
    ("search_made", {"query": "sofa"}),
    ("feedback_given", {"rating": 4}),
    *[("widget_loaded", {"triggered_by": cause}) for cause in ("timer", "button")],
    ("widget_opened", {}),
    ("widget_minimized", {}),
    ("message_sent", {}),
    ("message_received", {"response_ms": 1500}),
    ("message_received", {"response_ms": "soon"}),
    ("pre_chat_form_submitted", {}),
    ("widget_error", {}),
    ("api_error", {}),
    ("slow_response", {"duration_ms": 9000}),
    ("checkout_started", {"total_amount": 12.5, "currency": "eur", "items": [{"sku": "a", "price": 6.25}, "b"]}),
    ("checkout_started", {"total_amount": 40, "currency": "CHF", "items": 3}),
    (
        "payment_failed",
        {
            "error_code": "declined",
            "error_message": "No money",
            "email": "Ann@example.org",
            "error_details": {"gate": "g", "phone": "+49 30 1234"},
        },
    ),
    *[(name, {"checkout_id": key}) for key in "pq" for name in ("payment_started", "payment_failed")],
    (
        "payment_failed",
        {
            "checkout_id": "p",
            "error_code": "timeout",
            "error_message": "Late",
            "phone": "+49 30 1234",
            "errorDetails": "gave up",
        },
    ),
    ("payment_succeeded", {"checkout_id": "p", "payment_method": "card"}),
    ("payment_started", {"checkout_id": "q", "payment_method": "invoice"}),
    ("order_placed", {}),
    *[("order_placed", {"order_id": key, "amount": "19.90", "currency": "EUR"}) for key in "rst"] * 2,
    *[("order_placed", {"order_id": key}) for key in "rst"],
    ("booking_placed", {"booking_id": "r"}),
    ("order_placed", {"order_id": "r", "checkout_id": "q", "amount": 7, "currency": "USD"}),
    *[("booking_placed", {"booking_id": "r", "service": s, "amount": 30, "currency": "EUR"}) for s in ("spa", "sauna")],
    *[
        ("community_visited", {"community_id": 1, "visitor_division_id": "n", "community_division_id": d})
        for d in "nsw"
    ],
    *[("community_visited", {"community_id": "2", "community_slug": slug}) for slug in ("two", "zwei")],
)
STAGING = (PROJECT / "dbt_project" / "models" / "staging" / "stg_events.sql").read_text()
UNMENTIONED = set(re.findall(r"json_text\('properties', '(\w+)'\)", STAGING)) - {
    name for _, properties in HAPPENINGS for name in properties
}
"""Texts that staging reads and no happening above gives: page views give them."""
HAPPENINGS += tuple(("page_viewed", {name: value}) for name in sorted(UNMENTIONED) for value in ("one", "another"))
ORIGINS = (
    *[("", None)] * 20,
    *[("", "https://{site}.example/z")] * 6,
    ("?utm_source=Spring+News&utm_medium=email&utm_campaign=May%20sale&utm_term=Sofa+bed&utm_content=Top", None),
    ("?utm_source=google&utm_medium=cpc&utm_campaign=shoes", "https://www.google.com/"),
    ("?utm_source=partner&utm_medium=affiliate", "https://partner.example/list"),
    ("?x=1&gclid=Cj0", "https://www.google.com/"),
    ("?fbclid=Iw0", "https://l.facebook.com/"),
    ("?ttclid=7", None),
    ("?utm_campaign=alone", None),
    ("?back=https://{site}.example/cart", "https://www.google.de/"),
    ("", "https://www.google.com/search?q=sofa"),
    ("", "https://m.youtube.com/watch"),
    ("", "https://chatgpt.com/"),
    ("", "https://blog.example:8080/post"),
    ("#top", "https://www.paypal.com/checkout"),
    ("?q=what?&utm_source=bing&utm_medium=cpc", None),
    ("?utm_source=%20google%20&utm_medium=dcpm", "https://blog.{site}.example/a"),
    ("?utm_medium=email", "https://www.google.com/"),
    ("?utm_source=+&utm_campaign=spaces", None),
    ("", "https://blog.{site}.example/a"),
    ("", "https://docs.google.com/d"),
    ("", "https://buy.stripe.com/c"),
    ("", "http://[2001:db8::7]:8080/x"),
)
"""What follows the address of a page, and the referrer."""
CLIENTS = (
    {},
    {"user_agent": FIREFOX, "ip": "81.2.3.4", "screen_width": 2560, "screen_height": 1440},
    {"user_agent": GOOGLEBOT, "ip": "203.0.113.9"},
    {"user_agent": IPHONE, "ip": "2001:db8:1:2::3", "screen_width": 393, "screen_height": 852},
    {"user_agent": ANDROID, "screen_width": 412, "screen_height": 915},
    {"user_agent": SAFARI, "ip": "198.51.100.7"},
    {"user_agent": IPAD, "ip": "81.200.3.4", "screen_width": 820, "screen_height": 1180},
    {"user_agent": BINGBOT},
    {"user_agent": TELEVISION, "screen_width": 3840, "screen_height": 2160},
    {"user_agent": PYTHON},
    {"user_agent": PYTHON, "context": "app"},
    {"user_agent": PYTHON, "context": "server", "client_user_agent": IPHONE, "client_ip": "81.2.3.5"},
    {"user_agent": PYTHON, "context": "server"},
)
"""What devices show of themselves; the place database knows the network 81.0.0.0/8."""
PAUSES = (*[SECOND] * 8, *[3 * MINUTE] * 20, *[20 * MINUTE] * 12, *[30 * MINUTE] * 6, 31 * MINUTE, 300 * MINUTE)
