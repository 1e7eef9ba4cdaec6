"""A small true world: one site, one day being built, its raw events and candidates that agree with each other.

Made by plain Python from a list of sessions; shares no code with the models. Twenty-four people and a robot visit;
one session comes in from the eve, one runs on past midnight, one person comes back, some sign in and write, some buy
at the second attempt.
"""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from tests.support.marts.contracts import MARTS

SITE = "shop"
DAY = date(2026, 11, 10)
EVE = DAY - timedelta(days=1)
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)
FILE_ID = 1
VISITORS = [f"device-{number:02}" for number in range(25)]
ROBOT = VISITORS[24]
BUYERS = (VISITORS[5], VISITORS[15], ROBOT)
PURCHASE = ((6, "checkout_started"), (7, "payment_failed"), (9, "payment_succeeded"), (10, "order_placed"))
PRICE = {"amount": 25, "currency": "EUR"}
COMMUNITY_VISITORS = [VISITORS[number] for number in (5, 7, 24)]
"""One is signed in, one anonymous, one the robot."""


def starts():
    """(visitor, start) of every session, in order of start."""
    found = [(visitor, MIDNIGHT + 480 * MINUTE + 20 * n * MINUTE) for n, visitor in enumerate(VISITORS)]
    found[2] = (VISITORS[2], MIDNIGHT + (24 * 60 - 5) * MINUTE)
    found[3] = (VISITORS[3], MIDNIGHT - 4 * MINUTE)
    found.append((VISITORS[1], MIDNIGHT + 20 * 60 * MINUTE))
    return sorted(found, key=lambda pair: pair[1])


def user_of(visitor):
    """Every fifth visitor signs in, with the second page view."""
    number = VISITORS.index(visitor)
    return f"user-{number:02}" if number % 5 == 0 else None


SIGN_IN = 5
"""Minutes into the session."""


def happenings(visitor):
    """(minutes into the session, event name, path) of each event."""
    found = [
        (0, "page_viewed", "/"),
        (1, "page_engaged", "/"),
        (5, "page_viewed", "/offer"),
        (12, "page_engaged", "/offer"),
    ]
    if VISITORS.index(visitor) % 2 == 0:
        found.append((8, "message_sent", "/offer"))
    if visitor in BUYERS:
        found += [(minutes, name, "/offer") for minutes, name in PURCHASE]
    if visitor in COMMUNITY_VISITORS:
        found.append((11, "community_visited", "/offer"))
    return sorted(found)


def raw_events():
    """Rows of raw.events."""
    return [
        {
            "site_id": SITE,
            "event_date": (start + minutes * MINUTE).date(),
            "occurred_at": start + minutes * MINUTE,
            "received_at": start + minutes * MINUTE,
            "client_timestamp": start + minutes * MINUTE,
            "event_id": f"{visitor}-{start:%H%M}-{minutes}",
            "event_name": name,
            "event_category": "engagement",
            "anonymous_id": visitor,
            "user_id": user_of(visitor) if minutes >= SIGN_IN else None,
            "page_url": f"https://shop.example{path}",
            "collector_id": "test",
            "file_id": FILE_ID,
            "line_number": number * 10 + line,
        }
        for number, (visitor, start) in enumerate(starts())
        for line, (minutes, name, path) in enumerate(happenings(visitor))
    ]


def sessions():
    """Rows of audit.sessions."""
    rows = []
    for visitor, start in starts():
        events = happenings(visitor)
        messages = sum(name == "message_sent" for _, name, _ in events)
        rows.append(
            {
                "site_id": SITE,
                "session_id": f"session-{visitor}-{start:%H%M}",
                "visitor_id": visitor,
                "user_id": user_of(visitor),
                "event_date": start.date(),
                "started_at": start,
                "ended_at": start + 12 * MINUTE,
                "duration_seconds": 720,
                "start_cause": "first_visit",
                "end_cause": "timeout",
                "event_count": len(events),
                "event_counts": json.dumps(Counter(name for _, name, _ in events)),
                "page_view_count": 2,
                "engaged_seconds": 30,
                "scroll_depth_percent": 40,
                "click_count": 1,
                "is_engaged_by_time": True,
                "is_engaged_by_scroll": True,
                "is_engaged_by_clicks": False,
                "is_engaged": True,
                "is_bounce": False,
                "messages_sent_count": messages,
                "messages_received_count": 0,
                "avg_response_time_ms": None,
                "had_conversation": messages > 0,
                "review_count": 0,
                "is_anonymous": user_of(visitor) is None,
                "identified_at": start + SIGN_IN * MINUTE if user_of(visitor) else None,
                "anonymous_page_view_count": 1 if user_of(visitor) else None,
                "is_bot": visitor == ROBOT,
                "bot_reason": "crawler" if visitor == ROBOT else None,
                "device_type": "desktop",
            }
        )
    return rows


def page_views():
    """Rows of audit.page_views."""
    return [
        {
            "site_id": SITE,
            "page_view_id": f"visit-{session['session_id']}-{position}",
            "session_id": session["session_id"],
            "entered_at": session["started_at"] + entered * MINUTE,
            "exited_at": session["started_at"] + exited * MINUTE,
            "duration_seconds": (exited - entered) * 60,
            "engaged_seconds": 15,
            "scroll_depth_percent": 40,
            "click_count": 1,
            "page_path": path,
            "position": position,
            "is_entry": position == 1,
            "is_exit": position == 2,
            "identified_at": session["identified_at"],
            "is_anonymous": session["is_anonymous"] or position == 1,
        }
        for session in sessions()
        for position, path, entered, exited in ((1, "/", 0, 5), (2, "/offer", 5, 12))
    ]


def visitors():
    """Rows of audit.visitors."""
    return [
        {
            "site_id": SITE,
            "visitor_id": visitor,
            "first_seen_at": min(start for who, start in starts() if who == visitor),
            "last_seen_at": max(start for who, start in starts() if who == visitor) + 12 * MINUTE,
        }
        for visitor in VISITORS
    ]


def identities():
    """Rows of audit.identities."""
    return [
        {"site_id": SITE, "visitor_id": visitor, "user_id": user_of(visitor), "to_at": None}
        | {"session_id": f"session-{visitor}-{start:%H%M}", "from_at": start + SIGN_IN * MINUTE}
        for visitor, start in starts()
        if user_of(visitor)
    ]


def conversions():
    """Rows of audit.conversions."""
    return [
        {
            "site_id": SITE,
            "visitor_id": row["visitor_id"],
            "user_id": row["user_id"],
            "converted_at": row["from_at"],
            "session_id": row["session_id"],
            "anonymous_session_count": 1,
            "anonymous_page_view_count": 1,
            "anonymous_seconds": SIGN_IN * 60,
        }
        for row in identities()
    ]


def purchases():
    """The sessions with a purchase."""
    return [row for row in sessions() if row["visitor_id"] in BUYERS]


def commerce_events():
    """Rows of audit.commerce_events."""
    return [
        {
            "site_id": SITE,
            "event_id": f"{session['visitor_id']}-{session['started_at']:%H%M}-{minutes}",
            "event_name": name,
            "session_id": session["session_id"],
            "event_date": session["event_date"],
            "visitor_id": session["visitor_id"],
            "occurred_at": session["started_at"] + minutes * MINUTE,
            "checkout_id": session["session_id"],
            "order_type": "order" if name == "order_placed" else None,
            "order_id": "order-" + session["visitor_id"] if name == "order_placed" else None,
            "item_count": None,
            "is_bot": session["is_bot"],
        }
        | PRICE
        for session in purchases()
        for minutes, name in PURCHASE
    ]


def checkouts():
    """Rows of audit.checkouts."""
    return [
        {
            "site_id": SITE,
            "checkout_id": session["session_id"],
            "event_date": session["event_date"],
            "visitor_id": session["visitor_id"],
            "session_id": session["session_id"],
            "session_count": 1,
            "started_at": session["started_at"] + 6 * MINUTE,
            "ended_at": session["started_at"] + 10 * MINUTE,
            "checkout_started_at": session["started_at"] + 6 * MINUTE,
            "first_failed_at": session["started_at"] + 7 * MINUTE,
            "succeeded_at": session["started_at"] + 9 * MINUTE,
            "item_count": None,
            "status": "succeeded",
            "error_count": 1,
            "retry_count": 1,
            "is_recovered": True,
            "abandoned_step": None,
            "seconds_to_success": 180,
            "is_bot": session["is_bot"],
        }
        | PRICE
        for session in purchases()
    ]


def orders():
    """Rows of audit.orders."""
    return [
        {
            "site_id": SITE,
            "order_type": "order",
            "order_id": event["order_id"],
            "event_date": event["event_date"],
            "ordered_at": event["occurred_at"],
            "event_id": event["event_id"],
            "visitor_id": event["visitor_id"],
            "user_id": user_of(event["visitor_id"]),
            "session_id": event["session_id"],
            "event_count": 1,
            "is_bot": event["is_bot"],
        }
        | PRICE
        for event in commerce_events()
        if event["order_id"]
    ]


def payment_errors():
    """Rows of audit.payment_errors."""
    return [
        {
            "site_id": SITE,
            "event_id": event["event_id"],
            "event_date": event["event_date"],
            "occurred_at": event["occurred_at"],
            "checkout_id": event["checkout_id"],
            "session_id": event["session_id"],
            "visitor_id": event["visitor_id"],
            "item_count": None,
            "attempt_number": 1,
            "is_retried": True,
            "retried_at": event["occurred_at"] + 2 * MINUTE,
            "is_recovered": True,
            "recovered_at": event["occurred_at"] + 2 * MINUTE,
            "is_bot": event["is_bot"],
        }
        | PRICE
        for event in commerce_events()
        if event["event_name"] == "payment_failed"
    ]


def daily_stats():
    """Rows of audit.daily_stats: the day, and the eve for the session that came in from it."""
    rows = []
    for day in (EVE, DAY):
        people = [row for row in sessions() if row["event_date"] == day and not row["is_bot"]]
        conversations = sum(row["had_conversation"] for row in people)
        everyone = len({row["visitor_id"] for row in people})
        buyers = sum(row["visitor_id"] in BUYERS for row in people)
        rows.append(
            {
                "site_id": SITE,
                "event_date": day,
                "session_count": len(people),
                "session_seconds_total": 720 * len(people),
                "engaged_sessions": len(people),
                "visits": 2 * len(people),
                "unique_users": everyone,
                "new_users": everyone,
                "returning_users": 0,
                "total_conversations": conversations,
                "messages_sent": conversations,
                "messages_received": 0,
                "widget_loads": 0,
                "widget_opens": 0,
                "error_count": 0,
                "avg_session_duration_seconds": 720,
                "avg_messages_per_session": 0.5,
                "avg_response_time_ms": None,
                "conversation_rate": round(conversations / len(people), 4),
                "conversion_rate": round(100 * conversations / len(people), 2),
                "desktop_sessions": len(people),
                "mobile_sessions": 0,
                "tablet_sessions": 0,
                "tv_sessions": 0,
                "unknown_device_sessions": 0,
                "orders": buyers,
                "bookings": 0,
                "payment_failures": buyers,
                "revenue": json.dumps({"EUR": 25 * buyers}) if buyers else None,
            }
        )
    return rows


def daily_page_stats():
    """Rows of audit.daily_page_stats."""
    days = Counter(row["event_date"] for row in sessions() if not row["is_bot"])
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "page_path": path,
            "page_view_count": count,
            "anonymous_page_view_count": 0,
            "visitor_count": 1,
            "new_visitor_count": 0,
            "session_count": count,
            "engaged_session_count": count,
            "page_view_seconds_total": count * 60,
            "entry_count": count if path == "/" else 0,
            "exit_count": count if path == "/offer" else 0,
            "bounce_count": 0,
        }
        for day, count in days.items()
        for path in ("/", "/offer")
    ]


def people_by_day():
    """Each day with its sessions, the robot's left out."""
    people = [row for row in sessions() if not row["is_bot"]]
    return {day: [row for row in people if row["event_date"] == day] for day in (EVE, DAY)}


def daily_event_stats():
    """Rows of audit.daily_event_stats."""
    found = Counter(
        (day, name)
        for day, people in people_by_day().items()
        for row in people
        for _, name, _ in happenings(row["visitor_id"])
    )
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "event_name": name,
            "event_count": count,
            "session_count": 1,
            "visitor_count": 1,
        }
        for (day, name), count in found.items()
    ]


def events():
    """Rows of audit.events: those of people."""
    return [
        {
            "site_id": SITE,
            "session_id": session["session_id"],
            "position": position,
            "event_id": f"{session['visitor_id']}-{session['started_at']:%H%M}-{minutes}",
            "event_name": name,
            "occurred_at": session["started_at"] + minutes * MINUTE,
            "event_date": session["event_date"],
            "visitor_id": session["visitor_id"],
            "properties": json.dumps({"error_code": "declined"} if name == "payment_failed" else {}),
        }
        for session in sessions()
        if not session["is_bot"]
        for position, (minutes, name, _) in enumerate(happenings(session["visitor_id"]), 1)
    ]


def event_properties():
    """Rows of audit.event_properties: each payment that failed says why."""
    columns = ("site_id", "session_id", "position", "event_name", "occurred_at", "event_date", "visitor_id")
    return [
        {column: event[column] for column in columns} | {"property": "error_code", "value": "declined"}
        for event in events()
        if event["event_name"] == "payment_failed"
    ]


def daily_property_stats():
    """Rows of audit.daily_property_stats."""
    return [
        {"site_id": SITE, "event_date": day, "event_name": "payment_failed", "property": "error_code"}
        | {"value": "declined", "event_count": count, "session_count": count, "visitor_count": count}
        for day, count in Counter(row["event_date"] for row in event_properties()).items()
    ]


def daily_goals():
    """Rows of audit.daily_goals: each payment that failed, which is of a person's first session."""
    return [
        {"site_id": SITE, "event_date": day, "goal": "failed", "channel": "Direct", "currency": "(none)"}
        | {"conversion_count": count, "session_count": count, "visitor_count": count}
        for day, count in Counter(row["event_date"] for row in event_properties()).items()
    ]


def daily_funnels():
    """Rows of audit.daily_funnels: all look around, and none searches."""
    return [
        {"site_id": SITE, "event_date": day, "funnel": "fail", "step_number": number, "step": step}
        | {"entered": entered, "reached": reached}
        for day, people in people_by_day().items()
        for entered in [len({row["visitor_id"] for row in people})]
        for number, step, reached in [(1, "/*", entered), (2, "event:search_made", 0)]
    ]


def daily_traffic():
    """Rows of audit.daily_traffic: all came directly, and who signed in did so in the first session."""
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "channel": "Direct",
            "source": "(direct)",
            "medium": "(none)",
            "campaign": "(none)",
            "referrer_host": "(none)",
            "session_count": len(people),
            "visitor_count": len({row["visitor_id"] for row in people}),
            "new_visitor_count": len({row["visitor_id"] for row in people}),
            "engaged_session_count": len(people),
            "conversion_count": sum(row["user_id"] is not None for row in people),
        }
        for day, people in people_by_day().items()
    ]


def daily_devices():
    """Rows of audit.daily_devices."""
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "device_type": "desktop",
            "browser": "Firefox",
            "os": "Linux",
            "session_count": len(people),
            "visitor_count": len({row["visitor_id"] for row in people}),
        }
        for day, people in people_by_day().items()
    ]


def daily_visitor_sketches():
    """Rows of audit.daily_visitor_sketches: the number of a visitor stands for the hash."""
    return [
        {"site_id": SITE, "event_date": day} | row
        for day, people in people_by_day().items()
        for row in sketches(people)
    ]


def visitor_sketches():
    """Rows of audit.visitor_sketches: the eve and the day lie in one week, month and year."""
    periods = (
        ("week", date(2026, 11, 9), date(2026, 11, 15)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
    )
    people = [row for found in people_by_day().values() for row in found]
    return [
        {"site_id": SITE, "period": period, "first_day": first, "last_day": last} | row
        for period, first, last in periods
        for row in sketches(people)
    ]


def sketches(people):
    """The visitors of sessions: all came directly, on desktops, from one country."""
    values = {"all": "(all)", "channel": "Direct", "device_type": "desktop", "country_code": "DE"}
    hashes = sorted({VISITORS.index(row["visitor_id"]) for row in people})
    return [
        {"dimension": dimension, "value": value, "threshold": None, "least_hashes": hashes}
        for dimension, value in values.items()
    ]


def daily_funnel():
    """Rows of audit.daily_funnel."""
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "step_number": number,
            "step": step,
            "entered": entered,
            "completed": completed,
            "abandoned": entered - completed,
            "reached": len(people) if number == 1 else buyers,
            "median_seconds": 360 if completed and number < 6 else None,
        }
        for day, people in people_by_day().items()
        for buyers in [sum(row["visitor_id"] in BUYERS for row in people)]
        for number, step, entered, completed in [
            (1, "visit", len(people), buyers),
            (2, "category", 0, 0),
            (3, "offer", 0, 0),
            *[(number, step, buyers, buyers) for number, step in [(4, "checkout"), (5, "payment"), (6, "purchase")]],
        ]
        if number == 1 or buyers
    ]


def daily_retention():
    """Rows of audit.daily_retention: all are in their first week."""
    return [
        {
            "site_id": SITE,
            "event_date": day,
            "first_week": day - timedelta(days=day.weekday()),
            "week_number": 0,
            "visitor_count": len({row["visitor_id"] for row in people}),
            "customer_count": len({row["user_id"] for row in people} - {None}),
        }
        for day, people in people_by_day().items()
    ]


def community_visits():
    """Rows of audit.community_visits: all to one community, of another division than the visitor's."""
    return [
        {
            "site_id": SITE,
            "event_id": f"{row['visitor_id']}-{row['started_at']:%H%M}-11",
            "session_id": row["session_id"],
            "event_date": row["event_date"],
            "visitor_id": row["visitor_id"],
            "user_id": row["user_id"],
            "occurred_at": row["started_at"] + 11 * MINUTE,
            "visitor_division_id": "north",
            "community_division_id": "south",
            "is_cross_division": True,
            "is_bot": row["is_bot"],
        }
        for row in sessions()
        if row["visitor_id"] in COMMUNITY_VISITORS
    ]


def community_visits_daily():
    """Rows of audit.community_visits_daily."""
    return [
        {
            "site_id": SITE,
            "event_date": DAY,
            "community_id": "one",
            "visit_count": 2,
            "visitor_count": 2,
            "signed_in_visitor_count": 1,
            "anonymous_visitor_count": 1,
            "signed_in_share": 50,
            "cross_division_visit_count": 2,
            "cross_division_visitor_count": 2,
        }
    ]


def customer_days():
    """Rows of audit.customer_days."""
    return [
        {
            "site_id": SITE,
            "user_id": row["user_id"],
            "event_date": row["event_date"],
            "session_count": 1,
            "session_seconds_total": 720,
            "page_view_count": 2,
            "order_count": int(row["visitor_id"] in BUYERS),
            "booking_count": 0,
            "review_count": 0,
            "first_seen_at": row["started_at"],
            "last_seen_at": row["ended_at"],
            "last_order_at": row["started_at"] + 10 * MINUTE if row["visitor_id"] in BUYERS else None,
            "device_types": '{"desktop": 1}',
        }
        for row in sessions()
        if row["user_id"]
    ]


def published_customer_days():
    """Rows of marts.customer_days: the first customer was here a month ago, too, and on the day as it was before."""
    model = customer_days()[0]
    return [model | {"event_date": DAY - timedelta(days=30)}, model | {"event_date": DAY, "session_count": 9}]


def customers():
    """Rows of audit.customers."""
    days = [*customer_days(), published_customer_days()[0]]
    return [
        {
            "site_id": SITE,
            "user_id": user,
            "first_seen_at": min(day["first_seen_at"] for day in days if day["user_id"] == user),
            "last_seen_at": max(day["last_seen_at"] for day in days if day["user_id"] == user),
            "active_day_count": count,
            "session_count": count,
            "session_seconds_total": count * 720,
            "page_view_count": count * 2,
            "order_count": sum(day["order_count"] for day in days if day["user_id"] == user),
            "booking_count": 0,
            "review_count": 0,
        }
        for user, count in Counter(day["user_id"] for day in days).items()
    ]


def published_days():
    """Rows of marts.daily_stats: the fortnight before, as busy as the day itself."""
    template = next(row for row in daily_stats() if row["event_date"] == DAY)
    return [template | {"event_date": DAY - timedelta(days=ago)} for ago in range(1, 15)]


def fill(connection):
    """Fill a migrated database that has the partitions with all of it. The rows of a mart make a function of its name."""
    end = MIDNIGHT + timedelta(days=1)
    insert(connection, "ops.sites", [{"site_id": SITE}])
    slice_day = {"site_id": SITE, "event_date": DAY, "starts_at": MIDNIGHT, "ends_at": end}
    insert(connection, "audit.slice_days", [slice_day])
    insert(connection, "raw.events", raw_events())
    for mart in MARTS:
        columns = ", ".join(f"{column.name} {column.data_type}" for column in mart.columns)
        connection.exec_driver_sql(f"create table audit.{mart.name} ({columns})")
        connection.exec_driver_sql(f"create table marts.{mart.name} (like audit.{mart.name})")
        insert(connection, f"audit.{mart.name}", [anything(mart) | row for row in globals()[mart.name]()])
    insert(connection, "marts.daily_stats", published_days())
    insert(connection, "marts.customer_days", published_customer_days())
    connection.exec_driver_sql(
        "create table intermediate.replaced_days as select site_id, event_date from audit.daily_stats"
    )
    connection.exec_driver_sql(
        "create table intermediate.replaced_customers as select site_id, user_id from audit.customer_days"
    )
    connection.exec_driver_sql(
        "create table intermediate.int_recounted_days as select site_id, event_date from intermediate.replaced_days"
    )
    connection.exec_driver_sql(
        "create table intermediate.replaced_visitor_periods as"
        " select distinct site_id, period, first_day, last_day from audit.visitor_sketches"
    )
    connection.exec_driver_sql("create table intermediate.replaced_sessions (site_id text, session_id text)")
    connection.exec_driver_sql("create table intermediate.replaced_events (site_id text, session_id text)")
    connection.exec_driver_sql(
        "create table intermediate.int_session_events (site_id text, visitor_id text, session_id text, user_id text,"
        " event_name text, occurred_at timestamptz, is_page_view boolean, is_late boolean)"
    )
    connection.exec_driver_sql(
        f"create table staging.stg_declared_properties as select '{SITE}' as site_id, 'payment_failed' as event_name,"
        " 'error_code' as property"
    )
    connection.exec_driver_sql(
        f"create table staging.stg_goals as select '{SITE}' as site_id, 'failed' as goal, 'payment_failed' as event_name,"
        " cast(null as text) as page_pattern, cast(null as text) as property"
    )
    connection.exec_driver_sql(
        f"create table staging.stg_funnel_steps as select '{SITE}' as site_id, 'fail' as funnel, *"
        " from (values (1, 'page_viewed', '/%%'), (2, 'search_made', null)) as s (step_number, event_name, page_pattern)"
    )
    connection.exec_driver_sql(
        f"create table staging.stg_site_options as select '{SITE}' as site_id, 1 as anonymous_min_page_views,"
        f" array{[name for _, name in PURCHASE]} as commerce_events, true as events_mart"
    )
    load = {
        "file_name": "a",
        "checksum": "a",
        "byte_count": 1,
        "state": "loaded",
        "loaded_count": 1,
        "line_count": 1,
    }
    insert(connection, "ops.landed_files", [load | {"duplicate_count": 0, "rejected_count": 0}])
    insert(
        connection,
        "ops.dirty_days",
        [{"site_id": SITE, "event_date": DAY, "cause": "events_loaded", "file_id": FILE_ID}],
    )
    connection.exec_driver_sql(
        "insert into ops.candidates (candidate_id, first_date, last_date, sites, mark_ids, code_version, state)"
        f" values (gen_random_uuid(), '{DAY}', '{DAY}', '{{{SITE}}}', array(select mark_id from ops.dirty_days), 'abc', 'built')"
    )


def anything(mart):
    """A value of its type for each column that must have one, for those that no check of ours looks at."""
    return {
        column.name: 0 if column.is_number else ANYTHING[column.data_type]
        for column in mart.columns
        if column.is_required
    }


ANYTHING = {"text": "x", "boolean": False, "date": DAY, "timestamptz": MIDNIGHT, "jsonb": "{}", "bigint[]": []}


def insert(connection, table, rows):
    names = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    connection.execute(text(f"insert into {table} ({names}) values ({values})"), rows)
