"""All rows of all marts."""

from tests.support.oracle.commerce import checkouts, commerce_events, orders, payment_errors
from tests.support.oracle.communities import community_visits, community_visits_daily
from tests.support.oracle.customers import customer_days, customers
from tests.support.oracle.daily import (
    daily_devices,
    daily_event_stats,
    daily_funnel,
    daily_page_stats,
    daily_property_stats,
    daily_retention,
    daily_stats,
    daily_traffic,
    daily_visitor_sketches,
    visitor_sketches,
)
from tests.support.oracle.events import event_properties, events_of_people
from tests.support.oracle.goals.funnels import daily_funnels
from tests.support.oracle.goals.goals import daily_goals
from tests.support.oracle.page_views import page_views
from tests.support.oracle.people import conversions, identities, visitors
from tests.support.oracle.sessions import described, sessionise

EXCEPTIONS = {("daily_stats", "is_final"): "It turns true with time alone, whatever the events are."}
"""Columns that the oracle does not know, with the reason."""

Rows = list[dict]


def marts(events, zones, contact_key=b"", visitor_key=b"", declared=(), goals=(), funnels=()) -> dict[str, Rows]:
    """The rows of each mart, as dicts of all columns but the exceptions.

    Events are accepted ones as dicts, in the order they were received: fields as clients send them, and site_id,
    occurred_at (aware), user_agent, ip, and where a place database is in use country_code and city. `zones` are the
    sites' time zones, by default UTC. The keys are those of hashes. Properties are declared as (site, event, property).
    """
    sessions = sessionise(events, zones)
    rows = [described(session) for session in sessions]
    pairs = list(zip(sessions, rows, strict=True))
    views = [page_views(session, row) for session, row in pairs]
    visits = [visit for own in views for visit in own]
    happened = [
        event for (session, row), own in zip(pairs, views, strict=True) for event in events_of_people(session, row, own)
    ]
    given = event_properties(happened, declared)
    bought = [event for session, row in pairs for event in commerce_events(session, row, contact_key)]
    placed = orders(bought)
    community = [visit for session, row in pairs for visit in community_visits(session, row)]
    intervals = identities(sessions)
    converted = conversions(rows, intervals)
    return {
        "sessions": rows,
        "page_views": visits,
        "events": happened,
        "event_properties": given,
        "visitors": visitors(rows, intervals),
        "identities": intervals,
        "conversions": converted,
        "commerce_events": bought,
        "checkouts": checkouts(bought),
        "payment_errors": payment_errors(bought),
        "orders": placed,
        "community_visits": community,
        "community_visits_daily": community_visits_daily(community),
        "customer_days": customer_days(rows, placed),
        "customers": customers(rows, placed),
        "daily_stats": daily_stats(rows, bought, placed),
        "daily_page_stats": daily_page_stats(visits, rows),
        "daily_event_stats": daily_event_stats(rows),
        "daily_property_stats": daily_property_stats(given),
        "daily_traffic": daily_traffic(rows, converted),
        "daily_devices": daily_devices(rows),
        "daily_funnel": daily_funnel(sessions, rows),
        "daily_retention": daily_retention(rows),
        "daily_goals": daily_goals(happened, rows, goals),
        "daily_funnels": daily_funnels(happened, funnels),
        "daily_visitor_sketches": daily_visitor_sketches(rows, visitor_key),
        "visitor_sketches": visitor_sketches(rows, visitor_key),
    }
