"""What is known of each user: by day, and of all days."""

from tests.support.oracle.events import first, last
from tests.support.oracle.tables import by, ranked, revenue, total


def customer_days(sessions, orders) -> list[dict]:
    """One row per user and day on which people had sessions, of the rows of sessions and orders."""
    placed = dict(by(orders, "site_id", "user_id", "event_date"))
    made = []
    for (site, user, day), own in by(sessions, "site_id", "user_id", "event_date"):
        if user is None:
            continue
        bought = placed.get((site, user, day), [])
        made.append(
            {
                "site_id": site,
                "user_id": user,
                "event_date": day,
                "session_count": len(own),
                "page_view_count": total(own, "page_view_count"),
                "order_count": len(of_type(bought, "order")),
                "booking_count": len(of_type(bought, "booking")),
                "review_count": total(own, "review_count"),
                "device_types": dict(ranked(row["device_type"] for row in own)) or None,
                "browsers": dict(ranked(row["browser"] for row in own)) or None,
                "operating_systems": dict(ranked(row["os"] for row in own)) or None,
                **said_of(own, bought),
            }
        )
    return made


def customers(sessions, orders) -> list[dict]:
    """One row per user."""
    placed = dict(by(orders, "site_id", "user_id"))
    made = []
    for (site, user), own in by(sessions, "site_id", "user_id"):
        if user is None:
            continue
        bought = placed.get((site, user), [])
        made.append(
            {
                "site_id": site,
                "user_id": user,
                "active_day_count": len({row["event_date"] for row in own}),
                "session_count": len(own),
                "page_view_count": total(own, "page_view_count"),
                "order_count": len(of_type(bought, "order")),
                "booking_count": len(of_type(bought, "booking")),
                "review_count": total(own, "review_count"),
                "primary_device_type": most(own, "device_type"),
                "primary_browser": most(own, "browser"),
                "primary_os": most(own, "os"),
                **said_of(own, bought),
            }
        )
    return made


def said_of(sessions, orders):
    """What a day of a user and a user have in common."""
    order, booking = last(of_type(orders, "order")) or {}, last(of_type(orders, "booking")) or {}
    return {
        "session_seconds_total": total(sessions, "duration_seconds"),
        "revenue": revenue(orders),
        "registered_at": first(sorted(moments(sessions, "signed_up_at"))),
        "last_login_at": last(sorted(moments(sessions, "signed_in_at"))),
        "first_seen_at": min(row["started_at"] for row in sessions),
        "last_seen_at": max(row["ended_at"] for row in sessions),
        "last_order_at": order.get("ordered_at"),
        "last_order_id": order.get("order_id"),
        "last_order_amount": order.get("amount"),
        "last_order_currency": order.get("currency"),
        "last_booking_at": booking.get("ordered_at"),
        "last_booking_id": booking.get("order_id"),
        "last_booking_service": booking.get("service"),
    }


def of_type(orders, kind):
    """The orders or bookings among both, in order of time."""
    own = [order for order in orders if order["order_type"] == kind]
    return sorted(own, key=lambda order: (order["ordered_at"], order["order_id"]))


def moments(sessions, column):
    """The moments that sessions know."""
    return [row[column] for row in sessions if row[column]]


def most(sessions, column):
    """What most sessions say, the first by name of equals."""
    return next((name for name, _ in ranked(row[column] for row in sessions)), None)
