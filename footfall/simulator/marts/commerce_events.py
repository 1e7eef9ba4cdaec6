"""The rows of commerce_events."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from footfall.simulator.marts.rows import Row
from footfall.simulator.session import Session

PAYMENTS = ("payment_started", "payment_failed", "payment_succeeded")
SUCCESSES = ("payment_succeeded", "order_placed", "booking_placed")
_IN_CHECKOUT = ("checkout_started", *PAYMENTS)
_ORDER_TYPES = {"order_placed": "order", "booking_placed": "booking"}


def commerce_event_rows(sessions: Iterable[Session]) -> list[Row]:
    """One row per commerce event, in the order in which they happened."""
    rows = [row for session in sessions for row in _of_session(session)]
    return sorted(rows, key=lambda row: (row["occurred_at"], row["event_id"]))


def _of_session(session: Session) -> list[Row]:
    rows = []
    checkout_id = None
    for at, event in session.in_order():
        name, properties = event["event_name"], event.get("properties", {})
        if name not in _IN_CHECKOUT and name not in _ORDER_TYPES:
            continue
        checkout_id = properties.get("checkout_id") or checkout_id
        if name in _IN_CHECKOUT:
            # Clients that name no checkout have one in a session.
            checkout_id = checkout_id or session.id
        rows.append(
            {
                "site_id": session.site,
                "event_id": event["event_id"],
                "event_name": name,
                "session_id": session.id,
                "event_date": session.day,
                "visitor_id": session.visitor_id,
                "user_id": session.user_id,
                "occurred_at": at,
                "checkout_id": checkout_id,
                **_order(event),
                **_money(properties),
                "payment_method": properties.get("payment_method"),
                "items": properties.get("items"),
                "item_count": len(properties["items"]) if "items" in properties else None,
                "error_code": properties.get("error_code"),
                "error_message": properties.get("error_message"),
                "contact_hash": properties.get("email"),
                "device_type": session.device.browser.kind,
                "browser": session.device.browser.name,
                "os": session.device.browser.os,
                "is_bot": session.device.is_bot,
            }
        )
    return rows


def _order(event: dict[str, Any]) -> Row:
    order_type = _ORDER_TYPES.get(event["event_name"])
    properties = event.get("properties", {})
    order_id = properties.get(f"{order_type}_id", event["event_id"]) if order_type else None
    return {"order_type": order_type, "order_id": order_id, "service": properties.get("service")}


def _money(properties: dict[str, Any]) -> Row:
    amount, currency = properties.get("total_amount", properties.get("amount")), properties.get("currency")
    if amount is None or currency is None:
        return {"amount": None, "currency": None}
    return {"amount": Decimal(str(amount)), "currency": currency.upper()}
