"""Orders and bookings, failed payments, and their later outcome."""

import hmac
import json
from collections import defaultdict
from hashlib import sha256
from itertools import accumulate

from tests.support.oracle.events import count, first, last, masked, money, text
from tests.support.oracle.sessions import SECOND

ORDERS = {"order_placed": ("order", "order_id"), "booking_placed": ("booking", "booking_id")}
"""Event: (type, the property that names one)."""
SUCCESSES = ("payment_succeeded", *ORDERS)
COMMERCE = ("checkout_started", "payment_started", "payment_failed", *SUCCESSES)


def commerce_events(session, row, contact_key) -> list[dict]:
    """A row for each commerce event of a session, whose own row is given.

    It belongs to the checkout named last; to the session itself while none is named and one has begun.
    """
    made = []
    checkout = None
    for event in session.events:
        name = event["event_name"]
        if name not in COMMERCE:
            continue
        order_type, order_key = ORDERS.get(name, (None, None))
        if not order_type:
            checkout = checkout or session.id
        checkout = text(event, "checkout_id", 128) or checkout
        amount, currency = money(event)
        items = event["properties"].get("items")
        items = items if isinstance(items, list) else None
        made.append(
            {
                "site_id": session.site,
                "event_id": event["event_id"],
                "event_name": name,
                "session_id": session.id,
                "event_date": session.date,
                "visitor_id": session.visitor,
                "user_id": event["user_id"] or session.user_id,
                "occurred_at": event["occurred_at"],
                "order_in_instant": order_in_instant(event),
                "checkout_id": checkout,
                "order_type": order_type,
                "order_id": (text(event, order_key, 128) or event["event_id"]) if order_type else None,
                "service": text(event, "service", 128),
                "amount": amount,
                "currency": currency,
                "payment_method": text(event, "payment_method", 64),
                "items": items,
                "item_count": count(event, "items", 100_000) if items is None else len(items),
                "error_code": text(event, "error_code", 64),
                "error_message": text(event, "error_message", 500),
                "error_details": details(event),
                "contact_hash": contact_hash(event, contact_key) if name == "payment_failed" else None,
                **{column: row[column] for column in ("device_type", "browser", "os", "is_bot")},
            }
        )
    return made


def details(event):
    """What else a client says of an error. Objects and lists are JSON; a contact within them is masked."""
    said = event["properties"].get("error_details") or event["properties"].get("errorDetails")
    return json.dumps(masked(said)) if isinstance(said, dict | list) else said


def order_in_instant(event):
    """Commerce events of one instant follow the client's count; those without one come last."""
    counted = event.get("sequence")
    return 10**18 + (10**18 - 1 if counted is None else counted)


def contact_hash(event, key):
    """The keyed hash of the address in lower case, else of the digits of the number."""
    address, phone = text(event, "email"), text(event, "phone") or ""
    digits = ("+" if phone.startswith("+") else "") + "".join(filter(str.isdigit, phone))
    left = address.lower() if address else digits
    return hmac.new(key, left.encode(), sha256).hexdigest() if left else None


def grouped(bought, *keys):
    """The lists of commerce events that agree on these columns, each in order of time; without those that lack one."""
    groups = defaultdict(list)
    for row in sorted(bought, key=lambda row: (row["occurred_at"], row["order_in_instant"], row["event_id"])):
        if all(row[key] for key in keys):
            groups[tuple(row[key] for key in ("site_id", *keys))].append(row)
    return groups.values()


def last_of(rows, column):
    """The last known value of a column."""
    return last(row[column] for row in rows)


def checkouts(bought) -> list[dict]:
    """One row per checkout."""
    return [checkout(rows) for rows in grouped(bought, "checkout_id")]


def checkout(rows) -> dict:
    """The row of a checkout, of its commerce events in order."""

    def first_at(*names):
        return first(row["occurred_at"] for row in rows if row["event_name"] in names)

    opening = rows[0]
    failures = [row for row in rows if row["event_name"] == "payment_failed"]
    # What happened up to the first success.
    succeeded = first(position for position, row in enumerate(rows, 1) if row["event_name"] in SUCCESSES)
    outcomes = [row for row in rows[:succeeded] if row["event_name"] in ("payment_failed", *SUCCESSES)]
    is_failed = any(row["event_name"] == "payment_failed" for row in outcomes)
    status = "succeeded" if succeeded else "failed" if failures else "abandoned"
    payment_started_at, succeeded_at = first_at("payment_started"), first_at(*SUCCESSES)
    return {
        "site_id": opening["site_id"],
        "checkout_id": opening["checkout_id"],
        "event_date": opening["event_date"],
        "visitor_id": opening["visitor_id"],
        "user_id": last_of(rows, "user_id"),
        "session_id": opening["session_id"],
        "session_count": len({row["session_id"] for row in rows}),
        "started_at": opening["occurred_at"],
        "ended_at": rows[-1]["occurred_at"],
        "checkout_started_at": first_at("checkout_started"),
        "payment_started_at": payment_started_at,
        "first_failed_at": first_at("payment_failed"),
        "succeeded_at": succeeded_at,
        **{column: last_of(rows, column) for column in ("items", "item_count", "amount", "currency")},
        "payment_method": last_of(rows, "payment_method"),
        "order_id": first(row["order_id"] for row in rows),
        "status": status,
        "error_count": len(failures),
        "retry_count": len(outcomes) - 1 if is_failed else 0,
        "last_error_code": failures[-1]["error_code"] if failures else None,
        "last_error_message": failures[-1]["error_message"] if failures else None,
        "is_recovered": bool(succeeded and is_failed),
        "abandoned_step": ("payment" if payment_started_at else "checkout") if status == "abandoned" else None,
        "seconds_to_success": (succeeded_at - opening["occurred_at"]) // SECOND if succeeded else None,
        "is_bot": opening["is_bot"],
    }


def payment_errors(bought) -> list[dict]:
    """One row per failed payment. What it does not say its checkout named before, or else later."""
    made = []
    for rows in grouped(bought, "checkout_id"):
        attempts = accumulate(row["event_name"] == "payment_failed" for row in rows)
        for position, (row, attempt) in enumerate(zip(rows, attempts, strict=True)):
            if row["event_name"] != "payment_failed":
                continue
            until_now, later = rows[: position + 1], rows[position + 1 :]
            retried_at = first(other["occurred_at"] for other in later if other["event_name"] != "checkout_started")
            recovered_at = first(other["occurred_at"] for other in later if other["event_name"] in SUCCESSES)
            named = {
                column: first([last_of(until_now, column), last_of(later, column)])
                for column in ("amount", "currency", "item_count", "payment_method")
            }
            said = {
                column: row[column]
                for column in (
                    *("site_id", "event_id", "occurred_at", "checkout_id", "session_id", "visitor_id", "user_id"),
                    *(
                        "error_code",
                        "error_message",
                        "error_details",
                        "contact_hash",
                        "device_type",
                        "browser",
                        "os",
                        "is_bot",
                    ),
                )
            }
            made.append(
                said
                | named
                | {
                    "event_date": row["event_date"],
                    "attempt_number": attempt,
                    "is_retried": retried_at is not None,
                    "retried_at": retried_at,
                    "is_recovered": recovered_at is not None,
                    "recovered_at": recovered_at,
                }
            )
    return made


def orders(bought) -> list[dict]:
    """One row per order or booking: as it was reported first, with what the first report that says it adds."""
    columns = ("site_id", "order_type", "order_id", "event_id", "visitor_id", "user_id", "session_id", "is_bot")
    return [
        {column: reports[0][column] for column in columns}
        | {
            column: first(report[column] for report in reports)
            for column in ("checkout_id", "service", "amount", "currency")
        }
        | {
            "event_date": reports[0]["event_date"],
            "ordered_at": reports[0]["occurred_at"],
            "event_count": len(reports),
        }
        for reports in grouped(bought, "order_type", "order_id")
    ]
