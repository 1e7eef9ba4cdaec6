"""Customers in an order of one's choice, and one customer's sessions, each with its way over the site."""

from serving.page.card import Card, Column, Page
from serving.page.words import Kind

PAGE = Page(
    "customers",
    "Customers",
    "Who the customers are and what they do. A click on one shows the sessions.",
    cards=(
        Card(
            "customers",
            "Customers",
            "customers",
            (
                Column("user_id", "Customer", Kind.TEXT, filters="user"),
                Column("session_count", "Sessions"),
                Column("order_count", "Orders"),
                Column("booking_count", "Bookings"),
                Column("review_count", "Reviews"),
                Column("last_login_at", "Last sign-in", Kind.MOMENT, means="customers.last_login_at"),
                Column("registered_at", "Registered", Kind.MOMENT, means="customers.registered_at"),
                Column("last_order_at", "Last order", Kind.MOMENT, means="customers.last_order_at"),
                Column("primary_device_type", "Device", Kind.TEXT, means="customers.primary_device_type"),
            ),
            given={"rows": 50, "sort": "sessions"},
            is_wide=True,
            empty="No customer was here on these days. Choose other days.",
            note="Counts are those of the chosen days; the days of sign-in, registration and order are of all time.",
        ),
        Card(
            "sessions",
            "Sessions of the customer",
            "customer_sessions",
            (
                Column("started_at", "Began", Kind.MOMENT),
                Column("duration_seconds", "Duration", Kind.SECONDS),
                Column("page_view_count", "Page views"),
                Column("landing_page", "First page", Kind.TEXT),
                Column("device_type", "Device", Kind.TEXT),
                Column("end_cause", "Ended by", Kind.TEXT, means="sessions.end_cause"),
                Column("session_id", "Events", Kind.TEXT, filters="session", leads_to="events"),
            ),
            given={"rows": 50},
            needs="user",
            is_wide=True,
            empty="No session of this customer is kept.",
            note="All that are kept, the one that goes on now included. The last column leads to its events in order.",
        ),
    ),
    sorts={
        "sessions": "sessions",
        "orders": "orders",
        "bookings": "bookings",
        "last_login": "last sign-in",
        "registered": "registration",
    },
    takes=frozenset({"user", "sort", "ascending", "page"}),
    template="customers.html",
)
