"""The daily tables. Everything counts on the day its session started.

The buckets for all but the most frequent names are left to dbt's unit tests: no history here has as many.
"""

import hashlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import median

from tests.support.oracle.events import first
from tests.support.oracle.sessions import SECOND
from tests.support.oracle.tables import TOP, by, distinct, ranked, revenue, share, top, total

PROPERTY = ("site_id", "event_date", "event_name", "property")
LAST_WEEK = timedelta(weeks=12)
STEPS = ("visit", "category", "offer", "checkout", "payment", "purchase")


def daily_stats(sessions, bought, orders) -> list[dict]:
    """One row per site and day."""
    placed = dict(by(orders, "site_id", "event_date"))
    events = dict(by(bought, "site_id", "event_date"))
    made = []
    for (site, day), own in by(sessions, "site_id", "event_date"):
        visitors = distinct(own, "visitor_id")
        new = distinct([row for row in own if row["start_cause"] == "first_visit"], "visitor_id")
        conversations = total(own, "had_conversation")
        sent, received = total(own, "messages_sent_count"), total(own, "messages_received_count")
        seconds, responses = total(own, "duration_seconds"), total(own, "response_count")
        devices = [row["device_type"] for row in own]
        types = [order["order_type"] for order in placed.get((site, day), [])]
        names = [row["event_name"] for row in events.get((site, day), [])]
        made.append(
            {
                "site_id": site,
                "event_date": day,
                "session_count": len(own),
                "session_seconds_total": seconds,
                "engaged_sessions": total(own, "is_engaged"),
                "visits": total(own, "page_view_count"),
                "unique_users": visitors,
                "new_users": new,
                "returning_users": visitors - new,
                "total_conversations": conversations,
                "messages_sent": sent,
                "messages_received": received,
                "avg_messages_per_session": share(sent + received, len(own)),
                "avg_session_duration_seconds": share(seconds, len(own)),
                "widget_loads": total(own, "widget_loaded_count"),
                "widget_opens": total(own, "widget_opened_count"),
                "conversation_rate": share(conversations, len(own), "0.0001"),
                "conversion_rate": share(100 * conversations, len(own)),
                "avg_response_time_ms": share(total(own, "response_ms_total"), responses) if responses else None,
                "error_count": total(own, "error_count"),
                "desktop_sessions": devices.count("desktop"),
                "mobile_sessions": devices.count("mobile"),
                "tablet_sessions": devices.count("tablet"),
                "tv_sessions": devices.count("tv"),
                "unknown_device_sessions": devices.count(None),
                "top_referrers": top(row["referrer_host"] or "(direct)" for row in own),
                "top_landing_pages": top(row["landing_page"] for row in own),
                "utm_sources": top(row["utm_source"] for row in own),
                "orders": types.count("order"),
                "bookings": types.count("booking"),
                "payment_failures": names.count("payment_failed"),
                "revenue": revenue(placed.get((site, day), [])),
            }
        )
    return made


def daily_page_stats(visits, sessions) -> list[dict]:
    """One row per site, day and path."""
    keys = ("site_id", "event_date", "visitor_id")
    new = {values for values, own in by(sessions, *keys) if any(row["start_cause"] == "first_visit" for row in own)}
    return [
        {
            "site_id": site,
            "event_date": day,
            "page_path": path or "(unknown)",
            "page_view_count": len(own),
            "anonymous_page_view_count": total(own, "is_anonymous"),
            "visitor_count": distinct(own, "visitor_id"),
            "new_visitor_count": distinct([row for row in own if (site, day, row["visitor_id"]) in new], "visitor_id"),
            "session_count": distinct(own, "session_id"),
            "engaged_session_count": distinct([row for row in own if row["is_engaged_session"]], "session_id"),
            "page_view_seconds_total": total(own, "duration_seconds"),
            "entry_count": total(own, "is_entry"),
            "exit_count": total(own, "is_exit"),
            "bounce_count": sum(row["is_entry"] and row["is_bounce"] for row in own),
        }
        for (site, day, path), own in by(visits, "site_id", "event_date", "page_path")
    ]


def daily_event_stats(sessions) -> list[dict]:
    """One row per site, day and event name."""
    happened = [row | {"name": name, "events": n} for row in sessions for name, n in row["event_counts"].items()]
    return [
        {
            "site_id": site,
            "event_date": day,
            "event_name": name,
            "event_count": total(own, "events"),
            "session_count": len(own),
            "visitor_count": distinct(own, "visitor_id"),
        }
        for (site, day, name), own in by(happened, "site_id", "event_date", "name")
    ]


def daily_property_stats(given) -> list[dict]:
    """One row per site, day, event and declared property, and each of its ten most frequent values."""
    made = []
    for key, own in by(given, *PROPERTY):
        for value, found in ranked(row["value"] or "(empty)" for row in own)[:TOP]:
            same = [row for row in own if (row["value"] or "(empty)") == value]
            made.append(
                dict(zip(PROPERTY, key, strict=True))
                | {"value": value, "event_count": found}
                | {"session_count": distinct(same, "session_id"), "visitor_count": distinct(same, "visitor_id")}
            )
    return made


def daily_traffic(sessions, conversions) -> list[dict]:
    """One row per site, day and source that people came from."""
    converting = {row["session_id"] for row in conversions}
    keys = ("channel", "source", "medium", "campaign", "referrer_host")
    return [
        dict(zip(("site_id", "event_date"), key, strict=False))
        | {name: value or "(none)" for name, value in zip(keys, key[2:], strict=True)}
        | {
            "session_count": len(own),
            "visitor_count": distinct(own, "visitor_id"),
            "new_visitor_count": sum(row["start_cause"] == "first_visit" for row in own),
            "engaged_session_count": total(own, "is_engaged"),
            "conversion_count": sum(row["session_id"] in converting for row in own),
        }
        for key, own in by(sessions, "site_id", "event_date", *keys)
    ]


def daily_devices(sessions) -> list[dict]:
    """One row per site, day, device type, browser and operating system."""
    return [
        {
            "site_id": site,
            "event_date": day,
            "device_type": device_type or "(unknown)",
            "browser": browser or "(unknown)",
            "os": os or "(unknown)",
            "session_count": len(own),
            "visitor_count": distinct(own, "visitor_id"),
        }
        for (site, day, device_type, browser, os), own in by(
            sessions, "site_id", "event_date", "device_type", "browser", "os"
        )
    ]


def daily_funnel(sessions, rows) -> list[dict]:
    """One row per site, day and step of the way to a purchase, up to the last that is reached, by sessions and rows."""
    waits = defaultdict(list)
    reached = Counter()
    for session, row in zip(sessions, rows, strict=True):
        if not row["is_bot"]:
            taken = [(1, session.start)]
            taken += [(step, event["occurred_at"]) for event in session.events for step in steps_of(event)]
            for step in range(1, 1 + max(step for step, _ in taken)):
                reached[session.site, session.date, step] += 1
            for step in {step for step, _ in taken}:
                entered = first(at for other, at in taken if other == step)
                later = [at for other, at in taken if other > step and at >= entered]
                waits[session.site, session.date, step].append((min(later) - entered) // SECOND if later else None)
    made = []
    for site, day, step in reached:
        seconds = waits[site, day, step]
        given = [wait for wait in seconds if wait is not None]
        completed = len(seconds) if step == len(STEPS) else len(given)
        made.append(
            {
                "site_id": site,
                "event_date": day,
                "step_number": step,
                "step": STEPS[step - 1],
                "entered": len(seconds),
                "completed": completed,
                "abandoned": len(seconds) - completed,
                "reached": reached[site, day, step],
                "median_seconds": median(given) if given else None,
            }
        )
    return made


def daily_visitor_sketches(sessions, key) -> list[dict]:
    """One row per site, day, dimension and value. No history here has more visitors than a sketch holds."""
    return [
        {"site_id": site, "event_date": day}
        | {"dimension": dimension, "value": value, "threshold": None, "least_hashes": hashes}
        for (site, day, dimension, value), hashes in sketches(sessions, key, lambda row: [row["event_date"]])
    ]


def visitor_sketches(sessions, key) -> list[dict]:
    """One row per site, week, month or year, dimension and value."""
    return [
        {"site_id": site, "period": period, "first_day": first, "last_day": last}
        | {"dimension": dimension, "value": value, "threshold": None, "least_hashes": hashes}
        for (site, (period, first, last), dimension, value), hashes in sketches(sessions, key, periods_of)
    ]


def periods_of(row) -> list[tuple]:
    """The periods with the day of a session, each with its first and last day."""
    day = row["event_date"]
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    next_month = (first + timedelta(days=31)).replace(day=1)
    return [
        ("week", monday, monday + timedelta(days=6)),
        ("month", first, next_month - timedelta(days=1)),
        ("year", date(day.year, 1, 1), date(day.year, 12, 31)),
    ]


def sketches(sessions, key, parts_of) -> list[tuple]:
    """Site, part of time, dimension and value, with the hashes of their visitors."""
    seen = defaultdict(set)
    for row in sessions:
        if not row["is_bot"]:
            named = {
                "all": "(all)",
                "channel": row["channel"] or "(none)",
                "device_type": row["device_type"] or "(unknown)",
                "country_code": row["country_code"] or "(unknown)",
            }
            content = f"{row['site_id']}\0{row['visitor_id']}".encode()
            hashed = int.from_bytes(hashlib.blake2b(content, digest_size=8, key=key).digest(), "big") // 2
            for part in parts_of(row):
                for dimension, value in named.items():
                    seen[row["site_id"], part, dimension, value].add(hashed)
    return [(where, sorted(hashes)) for where, hashes in seen.items()]


def steps_of(event):
    """The steps that an event takes."""
    match event["event_name"], event["page_type"]:
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


def daily_retention(sessions) -> list[dict]:
    """One row per site, day and first week: whose first day in the week of the day it is, up to the twelfth week.

    A day with people has a row of its own week. A visitor may have been a robot at first, a customer may not.
    """
    found = {(site, day, monday(day)): Counter() for (site, day), _ in by(sessions, "site_id", "event_date")}
    for count, person, known in (
        ("visitor_count", "visitor_id", sessions),
        ("customer_count", "user_id", [row for row in sessions if not row["is_bot"]]),
    ):
        first_days: dict = {}
        for row in known:
            key = row["site_id"], row[person]
            first_days[key] = min(first_days.get(key, row["event_date"]), row["event_date"])
        dated = [row | {"week": monday(row["event_date"])} for row in sessions if row[person]]
        for (site, who, week), own in by(dated, "site_id", person, "week"):
            first_week = monday(first_days[site, who])
            if week - first_week <= LAST_WEEK:
                day = min(row["event_date"] for row in own)
                found.setdefault((site, day, first_week), Counter())[count] += 1
    return [
        {
            "site_id": site,
            "event_date": day,
            "first_week": first_week,
            "week_number": (monday(day) - first_week).days // 7,
            "visitor_count": counts["visitor_count"],
            "customer_count": counts["customer_count"],
        }
        for (site, day, first_week), counts in found.items()
    ]


def monday(day):
    """The first day of the week of a day."""
    return day - timedelta(days=day.weekday())
