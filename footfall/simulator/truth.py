"""What the warehouse must arrive at: the rows of each mart, from sessions made as sessions. Sessionises nothing."""

from datetime import date
from typing import Any

from footfall.simulator.marts.checkouts import checkout_rows, payment_error_rows
from footfall.simulator.marts.commerce_events import commerce_event_rows
from footfall.simulator.marts.communities import community_day_rows, community_visit_rows
from footfall.simulator.marts.customers import customer_day_rows, customer_rows
from footfall.simulator.marts.daily_funnel import funnel_rows
from footfall.simulator.marts.daily_stats import daily_rows
from footfall.simulator.marts.daily_tables import daily_device_rows, daily_event_rows, daily_traffic_rows
from footfall.simulator.marts.orders import order_rows
from footfall.simulator.marts.page_views import daily_page_rows, page_view_rows
from footfall.simulator.marts.rows import Row
from footfall.simulator.marts.sessions import session_rows
from footfall.simulator.marts.visitors import conversion_rows, identity_rows, visitor_rows
from footfall.simulator.session import Session
from footfall.simulator.traffic import generate, simulate


def truth(days: int, events: int, seed: int, until: date) -> dict[str, Any]:
    """Return the rows of each mart, and in all how much is sent."""
    made = [session for traffic in simulate(days, events, seed, until) for session in traffic.sessions]
    made_count = sum(len(session.events) for session in made)
    posted = sum(1 for _ in generate(days, events, seed, until))
    return {
        "marts": _marts(made),
        "totals": {"events": made_count, "duplicates": posted - made_count, "posted": posted},
    }


def _marts(made: list[Session]) -> dict[str, list[Row]]:
    sessions, visits = session_rows(made), page_view_rows(made)
    identities, conversions = identity_rows(sessions), conversion_rows(sessions, visits)
    commerce, communities = commerce_event_rows(made), community_visit_rows(made)
    orders = order_rows(commerce)
    return {
        "sessions": sessions,
        "page_views": visits,
        "visitors": visitor_rows(sessions, identities),
        "identities": identities,
        "conversions": conversions,
        "commerce_events": commerce,
        "checkouts": checkout_rows(commerce),
        "payment_errors": payment_error_rows(commerce),
        "orders": orders,
        "community_visits": communities,
        "customer_days": customer_day_rows(sessions, orders),
        "customers": customer_rows(sessions, orders),
        "daily_stats": daily_rows(sessions, commerce, orders),
        "daily_page_stats": daily_page_rows(visits),
        "daily_event_stats": daily_event_rows(sessions),
        "daily_traffic": daily_traffic_rows(sessions, conversions),
        "daily_devices": daily_device_rows(sessions),
        "daily_funnel": funnel_rows(session for session in made if not session.device.is_bot),
        "community_visits_daily": community_day_rows(communities),
    }
