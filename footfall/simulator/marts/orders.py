"""The rows of orders, from those of commerce_events."""

from collections.abc import Iterable

from footfall.simulator.marts.rows import Row, grouped

_AS_FIRST_TOLD = (
    *("event_id", "visitor_id", "user_id", "session_id", "checkout_id"),
    *("service", "amount", "currency", "is_bot"),
)


def order_rows(events: Iterable[Row]) -> list[Row]:
    """One row per order or booking: as it was told first, however often it was told."""
    return [
        {
            "site_id": site,
            "order_type": order_type,
            "order_id": order_id,
            "event_date": own[0]["event_date"],
            "ordered_at": own[0]["occurred_at"],
            **{name: own[0][name] for name in _AS_FIRST_TOLD},
            "event_count": len(own),
        }
        for (site, order_type, order_id), own in grouped(
            (event for event in events if event["order_type"]),
            lambda event: (event["site_id"], event["order_type"], event["order_id"]),
        )
    ]
