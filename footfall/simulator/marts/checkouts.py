"""The rows of checkouts and payment_errors, from those of commerce_events."""

from collections.abc import Iterable

from footfall.simulator.marts.commerce_events import PAYMENTS, SUCCESSES
from footfall.simulator.marts.rows import Row, grouped, last_named

_OF_THE_EVENT = (
    *("site_id", "event_id", "occurred_at", "checkout_id", "session_id", "visitor_id", "user_id"),
    *("error_code", "error_message", "contact_hash", "device_type", "browser", "os", "is_bot"),
)


def checkout_rows(events: Iterable[Row]) -> list[Row]:
    """One row per checkout."""
    return [_checkout(own) for own in _checkouts(events)]


def payment_error_rows(events: Iterable[Row]) -> list[Row]:
    """One row per failed payment."""
    return [
        _payment_error(own, position)
        for own in _checkouts(events)
        for position, event in enumerate(own)
        if event["event_name"] == "payment_failed"
    ]


def _checkouts(events: Iterable[Row]) -> list[list[Row]]:
    named = (event for event in events if event["checkout_id"])
    return [own for _, own in grouped(named, lambda event: (event["site_id"], event["checkout_id"]))]


def _checkout(own: list[Row]) -> Row:
    first, last = own[0], own[-1]
    started_at, failed_at = _first(own, "payment_started"), _first(own, "payment_failed")
    succeeded_at = _first(own, *SUCCESSES)
    failures = [event for event in own if event["event_name"] == "payment_failed"]
    status = "succeeded" if succeeded_at else "failed" if failed_at else "abandoned"
    return {
        "site_id": first["site_id"],
        "checkout_id": first["checkout_id"],
        "event_date": first["event_date"],
        "visitor_id": first["visitor_id"],
        "user_id": last_named(own, "user_id"),
        "session_id": first["session_id"],
        "session_count": len({event["session_id"] for event in own}),
        "started_at": first["occurred_at"],
        "ended_at": last["occurred_at"],
        "checkout_started_at": _first(own, "checkout_started"),
        "payment_started_at": started_at,
        "first_failed_at": failed_at,
        "succeeded_at": succeeded_at,
        **{name: last_named(own, name) for name in ("items", "item_count", "amount", "currency", "payment_method")},
        "order_id": next((event["order_id"] for event in own if event["order_id"]), None),
        "status": status,
        "error_count": len(failures),
        "retry_count": sum(
            failed_at is not None
            and event["occurred_at"] > failed_at
            and (succeeded_at is None or event["occurred_at"] <= succeeded_at)
            for event in own
            if event["event_name"] in ("payment_failed", *SUCCESSES)
        ),
        "last_error_code": last_named(failures, "error_code"),
        "last_error_message": last_named(failures, "error_message"),
        "is_recovered": bool(failed_at and succeeded_at and failed_at < succeeded_at),
        "abandoned_step": None if status != "abandoned" else "payment" if started_at else "checkout",
        "seconds_to_success": (succeeded_at - first["occurred_at"]) // 1000 if succeeded_at else None,
        "is_bot": first["is_bot"],
    }


def _payment_error(own: list[Row], position: int) -> Row:
    event, before, after = own[position], own[: position + 1], own[position + 1 :]
    # An order or booking is proof of a payment that nobody told.
    retried_at, recovered_at = _first(after, *PAYMENTS, *SUCCESSES), _first(after, *SUCCESSES)
    named = {
        name: next((value for value in (last_named(before, name), last_named(own, name)) if value is not None), None)
        for name in ("amount", "currency", "item_count", "payment_method")
    }
    return {
        **{name: event[name] for name in _OF_THE_EVENT},
        "event_date": event["event_date"],
        **named,
        "attempt_number": sum(earlier["event_name"] == "payment_failed" for earlier in before),
        "is_retried": retried_at is not None,
        "retried_at": retried_at,
        "is_recovered": recovered_at is not None,
        "recovered_at": recovered_at,
    }


def _first(events: Iterable[Row], *names: str) -> int | None:
    """When the first event of these names happened."""
    return next((event["occurred_at"] for event in events if event["event_name"] in names), None)
