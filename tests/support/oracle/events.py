"""What one event says: when, who, where, and what its properties hold. Which of two copies counts."""

import re
from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ingestion.event.standard_events import CUSTOM_EVENT_CATEGORY, EVENT_CATEGORIES

FIELDS = (
    *("anonymous_id", "user_id", "session_id", "event_category", "page_url", "page_title", "referrer", "page_type"),
    *("page_identifier", "screen_width", "screen_height", "user_agent", "ip", "country_code", "city", "context"),
    *("page_view_id", "page_host", "language"),
)
"""What an event need not say."""
ERRORS = ("widget_error", "api_error")
"""Events of the category error, unless the client says otherwise."""
CONTACTS, DETAILS = ("email", "phone", "name"), ("error_details", "errorDetails")
DAY = timedelta(days=1)

Event = dict[str, Any]


def accepted(events, zones) -> list[Event]:
    """Each event once, whole, dated and with its visitor. Events come in the order they were received.

    Of copies on one day, or on days that follow each other, the first received counts.
    """
    copies = defaultdict(list)
    for event in events:
        zone = ZoneInfo(zones.get(event["site_id"], "UTC"))
        whole = dict.fromkeys(FIELDS) | event
        if whole["context"] == "server":
            whole |= {"user_agent": whole.get("client_user_agent"), "ip": whole.get("client_ip")}
        local = event["occurred_at"].astimezone(zone)
        whole["date"], whole["hour"] = local.date(), local.hour
        whole["visitor_id"] = visitor_of(whole)
        whole["properties"] = whole.get("properties") or {}
        copies[event["site_id"], event["event_id"]].append(whole)
    kept = []
    for own in copies.values():
        first_days: dict = {}
        for day in sorted({event["date"] for event in own}):
            first_days[day] = first_days.get(day - DAY, day)
        first_received: dict = {}
        for event in own:
            first_received.setdefault(first_days[event["date"]], event)
        kept += first_received.values()
    return kept


def visitor_of(event):
    """The device, or the user where no device is known."""
    return event["anonymous_id"] or f"user:{event['user_id']}"


def in_order(event):
    """Events are ordered by time. At one instant page views come first and ends last, then the client's count decides.

    Events without a count come after those with one; the id is the last resort.
    """
    count = event.get("sequence")
    rank = {"page_viewed": 0, "session_ended": 2, "user_signed_out": 2}.get(event["event_name"], 1)
    return event["occurred_at"], rank, count is None, count or 0, event["event_id"]


def hard_end(event):
    """What a hard end makes of the next session: signed_out or user_switch; None where it is no hard end."""
    reason = event["properties"].get("reason") if event["event_name"] == "session_ended" else None
    if event["event_name"] == "user_signed_out" or reason == "sign_out":
        return "signed_out"
    return "user_switch" if reason == "user_switch" else None


def is_error(event):
    """Whether the event is of the category error."""
    return (event["event_category"] or ("error" if event["event_name"] in ERRORS else None)) == "error"


def host(address):
    """The host of an address, without www; None without one. One of IPv6 has its brackets."""
    name = urlsplit(address or "").hostname or ""
    return f"[{name}]" if ":" in name else name.rstrip(".").removeprefix("www.") or None


def path(address):
    """The path of an address without host and query; None without an address."""
    return (urlsplit(address).path or "/") if address else None


def page_host(event):
    """The host of an event's page: that of its address, else the one beside it."""
    return host(event["page_url"]) or host(event["page_host"] and f"https://{event['page_host']}")


def page_address(event):
    """Which page an event is of; None where it does not say."""
    if not event["page_url"]:
        return None
    parts = urlsplit(event["page_url"])
    return page_host(event), path(event["page_url"]), parts.query, parts.fragment


def text(event, name, most=None):
    """A property as text, cut; None where it is missing or empty."""
    said = event["properties"].get(name)
    return str(said)[:most] if said not in (None, "") else None


def number(event, name):
    """A property that is a plain number, however it is written; None where it is not."""
    said = text(event, name)
    return Decimal(said) if said and re.fullmatch(r"[0-9]{1,12}([.][0-9]+)?", said) else None


def count(event, name, most):
    """A property as a whole number, cut off; None where it is none, or more than is believable."""
    said = number(event, name)
    return int(said) if said is not None and said <= most else None


def money(event):
    """(amount, currency); both None unless both are given."""
    amounts = [amount for name in ("total_amount", "amount") if (amount := number(event, name)) is not None]
    currency = text(event, "currency") or ""
    if not amounts or not re.fullmatch("[A-Za-z]{3}", currency):
        return None, None
    return amounts[0].quantize(Decimal("0.0001"), ROUND_HALF_UP), currency.upper()


def first(values):
    """The first that is there, or None."""
    return next((value for value in values if value is not None), None)


def last(values):
    """The last that is there, or None."""
    return first(reversed(list(values)))


def events_of_people(session, row, views) -> list[dict]:
    """A row for each event of a session, whose own row and page views are given; none for a robot's."""
    made: list[dict] = []
    opened = 0
    for position, event in enumerate([] if row["is_bot"] else session.events, 1):
        opened += event["event_name"] == "page_viewed"
        known_at = row["identified_at"]
        made.append(
            {
                "site_id": session.site,
                "session_id": session.id,
                "position": position,
                "event_id": event["event_id"],
                "event_name": event["event_name"],
                "event_category": event["event_category"]
                or EVENT_CATEGORIES.get(event["event_name"], CUSTOM_EVENT_CATEGORY),
                "occurred_at": event["occurred_at"],
                "event_date": session.date,
                "visitor_id": session.visitor,
                "user_id": event["user_id"]
                or (session.user_id if known_at and event["occurred_at"] >= known_at else None),
                "page_view_id": views[opened - 1]["page_view_id"] if opened else None,
                "page_host": page_host(event),
                "page_path": path(event["page_url"]),
                "properties": masked(
                    {key: value for key, value in event["properties"].items() if key not in (*CONTACTS, *DETAILS)}
                ),
            }
        )
    return made


def masked(said):
    """The same without contacts."""
    if isinstance(said, dict):
        return {key: "[contact]" if key in CONTACTS else masked(value) for key, value in said.items()}
    return [masked(value) for value in said] if isinstance(said, list) else said


def event_properties(events, declared) -> list[dict]:
    """A row for each event and declared property, (site, event, property), with a text, a number, or true or false."""
    columns = ("site_id", "event_name", "occurred_at", "session_id", "position", "event_date", "visitor_id", "user_id")
    return [
        {column: row[column] for column in columns} | {"property": name, "value": written(value)[:200]}
        for row in events
        for name, value in row["properties"].items()
        if (row["site_id"], row["event_name"], name) in declared and isinstance(value, str | int | float)
    ]


def written(value):
    """A JSON value as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
