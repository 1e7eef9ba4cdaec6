"""The rows of customer_days and customers, from those of sessions and orders."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from footfall.simulator.marts.rows import Row, grouped, revenue


def customer_day_rows(sessions: Iterable[Row], orders: Iterable[Row]) -> list[Row]:
    """One row per site, user and day."""
    bought = dict(grouped(_of_users(orders), lambda order: (order["site_id"], order["user_id"], order["event_date"])))
    rows = []
    for key, own in grouped(
        _of_users(sessions), lambda session: (session["site_id"], session["user_id"], session["event_date"])
    ):
        mine = bought.get(key, [])
        rows.append(
            {
                **dict(zip(("site_id", "user_id", "event_date"), key, strict=True)),
                "session_count": len(own),
                "page_view_count": sum(session["page_view_count"] for session in own),
                "order_count": sum(order["order_type"] == "order" for order in mine),
                "booking_count": sum(order["order_type"] == "booking" for order in mine),
                "review_count": sum(session["review_count"] for session in own),
                **_facts(own, mine),
                "device_types": _names(own, "device_type"),
                "browsers": _names(own, "browser"),
                "operating_systems": _names(own, "os"),
            }
        )
    return rows


def customer_rows(sessions: Iterable[Row], orders: Iterable[Row]) -> list[Row]:
    """One row per site and user."""
    bought = dict(grouped(_of_users(orders), lambda order: (order["site_id"], order["user_id"])))
    rows = []
    for key, own in grouped(_of_users(sessions), lambda session: (session["site_id"], session["user_id"])):
        mine = bought.get(key, [])
        rows.append(
            {
                **dict(zip(("site_id", "user_id"), key, strict=True)),
                "active_day_count": len({session["event_date"] for session in own}),
                "session_count": len(own),
                "page_view_count": sum(session["page_view_count"] for session in own),
                "order_count": sum(order["order_type"] == "order" for order in mine),
                "booking_count": sum(order["order_type"] == "booking" for order in mine),
                "review_count": sum(session["review_count"] for session in own),
                **_facts(own, mine),
                "primary_device_type": _most_common(own, "device_type"),
                "primary_browser": _most_common(own, "browser"),
                "primary_os": _most_common(own, "os"),
            }
        )
    return rows


def _of_users(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["user_id"] and not row["is_bot"]]


def _facts(sessions: list[Row], orders: list[Row]) -> Row:
    """What a day and a lifetime say in the same words."""
    order, booking = _last(orders, "order"), _last(orders, "booking")
    return {
        "session_seconds_total": sum(session["duration_seconds"] for session in sessions),
        "revenue": revenue(orders),
        "registered_at": min(_known(sessions, "signed_up_at"), default=None),
        "last_login_at": max(_known(sessions, "signed_in_at"), default=None),
        "first_seen_at": min(session["started_at"] for session in sessions),
        "last_seen_at": max(session["ended_at"] for session in sessions),
        "last_order_at": order.get("ordered_at"),
        "last_order_id": order.get("order_id"),
        "last_order_amount": order.get("amount"),
        "last_order_currency": order.get("currency"),
        "last_booking_at": booking.get("ordered_at"),
        "last_booking_id": booking.get("order_id"),
        "last_booking_service": booking.get("service"),
    }


def _last(orders: list[Row], order_type: str) -> Row:
    return max(
        (order for order in orders if order["order_type"] == order_type),
        key=lambda order: (order["ordered_at"], order["order_id"]),
        default={},
    )


def _known(sessions: list[Row], column: str) -> list[Any]:
    return [session[column] for session in sessions if session[column] is not None]


def _names(sessions: list[Row], column: str) -> dict[str, int]:
    return dict(Counter(session[column] for session in sessions))


def _most_common(sessions: list[Row], column: str) -> str:
    counts = _names(sessions, column)
    return min(counts, key=lambda name: (-counts[name], name))
