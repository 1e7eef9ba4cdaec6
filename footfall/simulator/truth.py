"""What is known of made-up traffic by its making: sessions, page views, people, orders.

Measures no engagement and adds up no day. Rows are those of the marts, with the columns that are known. A session has
the id of its first event, a moment is a number of milliseconds since 1970, an amount is a Decimal.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

from footfall.simulator.session import Session, Traffic
from footfall.simulator.traffic import generate, simulate

Row = dict[str, Any]
T = TypeVar("T")
_ORDER_TYPES = {"order_placed": "order", "booking_placed": "booking"}


def truth(days: int, events: int, seed: int, until: date) -> dict[str, Any]:
    """Return the true figures of `generate` with the same arguments.

    Returns:
        `marts`: the rows of sessions, page_views, visitors, identities and orders. `totals`: how many events there are,
        how many are sent again, how many are sent in all, and the revenue from people by site and currency.
    """
    made = [session for traffic in simulate(days, events, seed, until) for session in traffic.sessions]
    made.sort(key=lambda session: session.times[0])
    made_count = sum(len(session.events) for session in made)
    posted = sum(1 for _ in generate(days, events, seed, until))
    orders = _orders(made)
    return {
        "marts": {
            "sessions": [_session(session) for session in made],
            "page_views": [row for session in made for row in _page_views(session)],
            "visitors": [_visitor(own) for own in _by(made, _visitor_key)],
            "identities": [row for own in _by(made, _visitor_key) for row in _identities(own)],
            "orders": orders,
        },
        "totals": {
            "events": made_count,
            "duplicates": posted - made_count,
            "posted": posted,
            "revenue": _revenue(orders),
        },
    }


def _of(session: Session) -> Row:
    return {
        "site_id": session.site,
        "session_id": session.id,
        "event_date": session.day,
        "visitor_id": session.visitor_id,
        "user_id": session.user_id,
        "is_bot": session.device.is_bot,
    }


def _session(session: Session) -> Row:
    browser = session.device.browser
    names = Counter(event["event_name"] for event in session.events)
    screen_width, screen_height = browser.screen or (None, None)
    return _of(session) | {
        "first_event_id": session.id,
        "anonymous_id": session.device.anonymous_id,
        "client_session_id": session.events[0]["session_id"],
        "started_at": min(session.times),
        "ended_at": max(session.times),
        "start_cause": session.start_cause,
        "event_count": len(session.events),
        "event_counts": dict(names),
        "page_view_count": names["page_viewed"],
        "device_type": browser.kind,
        "browser": browser.name,
        "os": browser.os,
        "screen_width": screen_width,
        "screen_height": screen_height,
        **_source(session.traffic),
    }


def _source(traffic: Traffic) -> Row:
    """Return the columns of a source. Where reports write a word for a missing value, single rows have None."""
    nameless = {
        name: None if value == "(none)" else value
        for name, value in (("campaign", traffic.campaign), ("referrer_host", traffic.referrer_host))
    }
    return {"channel": traffic.channel, "source": traffic.source, "medium": traffic.medium, **nameless}


def _page_views(session: Session) -> list[Row]:
    views = [(at, event) for at, event in session.in_order() if event["event_name"] == "page_viewed"]
    return [
        _of(session)
        | {
            "position": position,
            "page_path": urlsplit(event["page_url"]).path,
            "page_title": event["page_title"],
            "page_type": event["page_type"],
            "page_identifier": event.get("page_identifier"),
            "entered_at": at,
        }
        for position, (at, event) in enumerate(views, 1)
    ]


def _visitor(sessions: list[Session]) -> Row:
    """Make the row of a visitor from all of the visitor's sessions, in order."""
    first = sessions[0]
    return {
        "site_id": first.site,
        "visitor_id": first.visitor_id,
        "anonymous_id": first.device.anonymous_id,
        "first_seen_at": first.times[0],
        "first_seen_date": first.day,
        "last_seen_at": max(session.times[-1] for session in sessions),
        "first_session_id": first.id,
        "current_user_id": next((session.user_id for session in reversed(sessions) if session.user_id), None),
    }


def _identities(sessions: list[Session]) -> list[Row]:
    """Make a row for each change of a device's user, from all sessions of the device, in order."""
    rows: list[Row] = []
    for session in sessions:
        if session.device.anonymous_id and session.user_id and session.user_id != (rows and rows[-1]["user_id"]):
            rows.append(
                {
                    "site_id": session.site,
                    "visitor_id": session.visitor_id,
                    "user_id": session.user_id,
                    "from_at": next(at for at, event in session.in_order() if "user_id" in event),
                    "session_id": session.id,
                }
            )
    return rows


def _orders(sessions: list[Session]) -> list[Row]:
    """Make one row per order or booking, as it was first reported, however often it was reported."""
    reports = [
        _order(session, at, event)
        for session in sessions
        for at, event in session.in_order()
        if event["event_name"] in _ORDER_TYPES
    ]
    reports.sort(key=lambda row: (row["ordered_at"], row["event_id"]))
    of_each = _by(reports, lambda row: (row["site_id"], row["order_type"], row["order_id"]))
    return [own[0] | {"event_count": len(own)} for own in of_each]


def _order(session: Session, at: int, event: dict[str, Any]) -> Row:
    order_type, properties = _ORDER_TYPES[event["event_name"]], event["properties"]
    currency = properties.get("currency")
    common = _of(session)
    return {
        **common,
        "event_id": event["event_id"],
        "order_type": order_type,
        "order_id": properties.get(f"{order_type}_id", event["event_id"]),
        "ordered_at": at,
        "service": properties.get("service"),
        # An amount without a currency does not count.
        "amount": Decimal(str(properties["amount"])) if currency else None,
        "currency": currency.upper() if currency else None,
    }


def _revenue(orders: Iterable[Row]) -> dict[str, dict[str, Decimal]]:
    """Sum up what people bought: site → currency → amount."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in orders:
        if order["currency"] and not order["is_bot"]:
            sums[order["site_id"]][order["currency"]] += order["amount"]
    return {site: dict(own) for site, own in sums.items()}


def _visitor_key(session: Session) -> tuple[str, str]:
    return session.site, session.visitor_id


def _by(things: Iterable[T], key: Callable[[T], tuple[str, ...]]) -> list[list[T]]:
    """Group things by key, in the order in which they come."""
    groups: dict[tuple[str, ...], list[T]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return list(groups.values())
