"""What must come of commerce events, by plain reading of the rules. Shares no code with the product.

Takes the sessions of `tests.oracle`, and their events as that takes them. A checkout that no event names is called
(visitor, start) after its session.
"""

from collections import defaultdict
from decimal import Decimal
from statistics import median

ORDERS = {"order_placed": "order", "booking_placed": "booking"}
SUCCESSES = ("payment_succeeded", *ORDERS)
COMMERCE = ("checkout_started", "payment_started", "payment_failed", *SUCCESSES)


def commerce(sessions, events):
    """Every commerce event with its session and checkout, in order of time."""
    known = {(event["site_id"], event["event_id"]): event for event in events}
    found = []
    for session in sessions:
        checkout = None
        for event in (known[session.site, event_id] for event_id in session.event_ids):
            if event["event_name"] in COMMERCE:
                if event["event_name"] not in ORDERS:
                    checkout = checkout or (session.visitor, session.start)
                checkout = event["properties"].get("checkout_id") or checkout
                found.append(event | event["properties"] | {"session": session, "checkout": checkout})
    return sorted(found, key=lambda event: (event["occurred_at"], event["event_id"]))


def grouped(events, *keys):
    """Events by site and what the keys say; without those that lack the last."""
    groups = defaultdict(list)
    for event in events:
        if event[keys[-1]]:
            groups[event["site_id"], *(event[key] for key in keys)].append(event)
    return groups


def money(event):
    """(amount, currency), or None."""
    amount = event.get("total_amount", event.get("amount"))
    return (Decimal(str(amount)), event["currency"].upper()) if amount is not None and "currency" in event else None


def last(values):
    """The last that is there, or None."""
    return next((value for value in reversed(list(values)) if value is not None), None)


def names(events):
    """The names of events in order."""
    return [event["event_name"] for event in events]


def checkouts(found):
    """(site, checkout, start, sessions, user, status, errors, retries, recovered, money, method, step) of each."""
    made = set()
    for (site, checkout), events in grouped(found, "checkout").items():
        until_success = []
        for name in names(events):
            until_success.append(name)
            if name in SUCCESSES:
                break
        has_success = until_success[-1] in SUCCESSES
        errors = names(events).count("payment_failed")
        first_error = until_success.index("payment_failed") if "payment_failed" in until_success else None
        outcomes = [name for name in until_success if name == "payment_failed" or name in SUCCESSES]
        status = "succeeded" if has_success else "failed" if errors else "abandoned"
        step = "payment" if "payment_started" in names(events) else "checkout"
        made.add(
            (
                site,
                checkout,
                events[0]["occurred_at"],
                len({(event["session"].visitor, event["session"].start) for event in events}),
                last(event.get("user_id") or event["session"].user_id for event in events),
                status,
                errors,
                len(outcomes) - 1 if first_error is not None else 0,
                has_success and first_error is not None,
                *(last(map(money, events)) or (None, None)),
                last(event.get("payment_method") for event in events),
                step if status == "abandoned" else None,
            )
        )
    return made


def payment_errors(found):
    """(site, checkout, event, attempt, retried, recovered, money, method) of each."""
    made = set()
    for (site, checkout), events in grouped(found, "checkout").items():
        attempt = 0
        for position, event in enumerate(events):
            before, after = events[: position + 1], events[position + 1 :]
            if event["event_name"] == "payment_failed":
                attempt += 1
                retries = [e for e in after if e["event_name"] != "checkout_started"]
                successes = [e for e in after if e["event_name"] in SUCCESSES]
                made.add(
                    (
                        site,
                        checkout,
                        event["event_id"],
                        attempt,
                        retries[0]["occurred_at"] if retries else None,
                        successes[0]["occurred_at"] if successes else None,
                        *(last(map(money, before)) or last(map(money, after)) or (None, None)),
                        last(e.get("payment_method") for e in before) or last(e.get("payment_method") for e in after),
                    )
                )
    return made


def orders(found):
    """(site, type, id, day, event, reports, money) of each order and booking."""
    reports = [
        event
        | {
            "type": ORDERS[event["event_name"]],
            "id": event.get({"order": "order_id", "booking": "booking_id"}[ORDERS[event["event_name"]]])
            or event["event_id"],
        }
        for event in found
        if event["event_name"] in ORDERS
    ]
    return {
        (*key, events[0]["session"].date, events[0]["event_id"], len(events), *(money(events[0]) or (None, None)))
        for key, events in grouped(reports, "type", "id").items()
    }


def funnel(sessions, events):
    """(site, day, step, entered, completed, median seconds) of each step that was entered."""
    known = {(event["site_id"], event["event_id"]): event for event in events}
    times = defaultdict(list)
    for session in sessions:
        taken = [(1, session.start)]
        for event in (known[session.site, event_id] for event_id in session.event_ids):
            taken += [(step, event["occurred_at"]) for step in steps_of(event)]
        for step in {step for step, _ in taken}:
            entered = min(at for other, at in taken if other == step)
            later = [at for other, at in taken if other > step and at >= entered]
            times[session.site, session.date, step].append((min(later) - entered).seconds if later else None)
    made = set()
    for (site, day, step), seconds in times.items():
        completed = [taken for taken in seconds if taken is not None]
        done = len(seconds) if step == 6 else len(completed)
        made.add((site, day, step, len(seconds), done, Decimal(str(median(completed))) if completed else None))
    return made


def steps_of(event):
    """The steps that an event takes."""
    match event["event_name"], event.get("page_type"):
        case "page_viewed", "category":
            return [2]
        case "page_viewed", "offer":
            return [3]
        case "checkout_started", _:
            return [4]
        case (("payment_started" | "payment_failed"), _):
            return [5]
        case "payment_succeeded", _:
            return [5, 6]
        case (("order_placed" | "booking_placed"), _):
            return [6]
    return []
