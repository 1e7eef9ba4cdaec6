"""The simulator's truth and the oracle's marts, two opinions on the events it sends; and what its traffic holds."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

import crawleruseragents
import msgspec
import pytest

from footfall.simulator.people import BOTS, BROWSERS
from footfall.simulator.post import batches
from footfall.simulator.sites import SOURCES, TIMEZONES
from footfall.simulator.traffic import generate, last_complete_day, simulate
from footfall.simulator.truth import truth
from ingestion.event.reception import Reception
from ingestion.event.standard_events import STANDARD_EVENTS
from ingestion.event.validate import LandedEvent, validate
from ingestion.load.user_agents import parse
from runtime.settings import PROJECT
from tests.support.marts.truth import differences
from tests.support.oracle import marts as oracle
from tests.support.oracle.events import in_order, visitor_of
from tests.support.oracle.sessions import sessionise
from tests.support.traffic import accepted

UNTIL = date(2026, 11, 3)
"""Two days after New York's clocks went back; a span of ten days also holds Berlin's change."""

LONG_RUN = (10, 30000, 4)
RUNS = [(1, 500, 1), (3, 900, 2), (5, 8000, 3), LONG_RUN]


@cache
def reckoned(run):
    """All marts as the oracle reckons them."""
    return oracle.marts(accepted(*run, UNTIL), TIMEZONES)


@pytest.mark.parametrize("run", RUNS)
def test_the_sessions_made_are_the_sessions_found(run):
    made = set()
    for site, day, sessions in simulate(*run, UNTIL):
        for session in sessions:
            ordered = sorted(
                (event | {"occurred_at": moment} for moment, event in zip(session.times, session.events, strict=True)),
                key=in_order,
            )
            made.add((site, day, session.start_cause, tuple(event["event_id"] for event in ordered)))
    found = {
        (session.site, session.date, session.start_cause, tuple(session.event_ids))
        for session in sessionise(accepted(*run, UNTIL), TIMEZONES)
    }
    assert found == made


@pytest.mark.parametrize("run", RUNS)
def test_the_truth_is_what_the_oracle_finds(run):
    expected, found = truth(*run, UNTIL), reckoned(run)
    assert differences(expected["marts"], found) == {}
    events = accepted(*run, UNTIL)
    count = len({(event["site_id"], event["event_id"]) for event in events})
    revenue = defaultdict(Counter)
    for row in found["daily_stats"]:
        revenue[row["site_id"]].update(row["revenue"] or {})
    assert expected["totals"] == {
        "events": count,
        "duplicates": len(events) - count,
        "posted": len(events),
        "revenue": {site: dict(sums) for site, sums in revenue.items() if sums},
    }


def origin(landing):
    """What the landing page's referrer and query mean. The site's own pages are no source."""
    url = urlsplit(landing.get("page_url", ""))
    referrer = landing.get("referrer")
    outside = referrer if referrer and urlsplit(referrer).hostname != url.hostname else None
    (source,) = [source for source in SOURCES if (source.referrer, source.query.lstrip("?")) == (outside, url.query)]
    return source.traffic


def device(user_agent):
    """What the loader reads in a user agent."""
    parsed = parse(user_agent)
    return parsed.device_type, parsed.browser, parsed.os


def summed(mart, key, facts):
    """The row of a daily table: of each session its visitor, and what else is summed."""
    visitors, *others = zip(*facts, strict=True)
    figures = [len(visitors), len(set(visitors)), *(sum(other) for other in others)]
    if mart == "daily_event_stats":
        figures = [figures[2], *figures[:2]]
    return [*key, *figures]


@pytest.mark.parametrize("run", RUNS)
def test_the_oracles_figures_are_what_the_events_add_up_to(run):
    events = accepted(*run, UNTIL)
    by_id = {(event["site_id"], event["event_id"]): event for event in events}
    browsers = {browser.user_agent: browser for browser in (*BROWSERS, *BOTS)}
    found, users, engaged_seconds = defaultdict(Counter), defaultdict(set), {}
    tables = defaultdict(lambda: defaultdict(list))
    signed_in, seen = set(), set()
    for session in sorted(sessionise(events, TIMEZONES), key=lambda session: session.start):
        own = [by_id[session.site, event_id] for event_id in session.event_ids]
        browser = browsers[own[0]["user_agent"]]
        day = session.site, session.date
        visitor = session.site, session.visitor
        signs_in = any(event["anonymous_id"] and event["user_id"] for event in own) and visitor not in signed_in
        converts = signs_in and (visitor in seen or own[0]["user_id"] is None)
        signed_in |= {visitor} if signs_in else set()
        seen.add(visitor)
        names = Counter(event["event_name"] for event in own)
        pings = [event["properties"] for event in own if event["event_name"] == "page_engaged"]
        views = [event["occurred_at"] for event in own if event["event_name"] == "page_viewed"]
        gaps = [min(after - before, timedelta(minutes=30)) for before, after in pairwise([*views, session.end])]
        engaged_ms = (
            sum(p["engaged_ms"] for p in pings) if pings else sum(gaps, timedelta()) // timedelta(milliseconds=1)
        )
        deep = any(ping["scroll_depth"] >= 25 for ping in pings)
        clicked = sum(ping["clicks"] for ping in pings) >= 3
        engaged_seconds[*day, session.event_ids[0], browser.is_bot] = engaged_ms // 1000
        if browser.is_bot:
            continue
        users[day].add(session.visitor)
        engaged = sum((engaged_ms >= 10_000, deep, clicked)) >= 2
        new = session.start_cause == "first_visit"
        for name, count in names.items():
            tables["daily_event_stats", *day][name,].append((session.visitor, count))
        tables["daily_traffic", *day][origin(own[0])].append((session.visitor, new, engaged, converts))
        tables["daily_devices", *day][device(own[0]["user_agent"])].append((session.visitor,))
        found[day].update(
            session_count=1,
            session_seconds_total=(session.end - session.start) // timedelta(seconds=1),
            engaged_sessions=engaged,
            new_users=new,
            total_conversations=names["message_sent"] > 0,
            visits=names["page_viewed"],
            messages_sent=names["message_sent"],
            messages_received=names["message_received"],
            widget_loads=names["widget_loaded"],
            widget_opens=names["widget_opened"],
            error_count=names["widget_error"] + names["api_error"] + names["payment_failed"],
            **{f"{browser.kind}_sessions": 1},
        )
    marts = reckoned(run)
    assert engaged_seconds == {
        (row["site_id"], row["event_date"], row["first_event_id"], row["is_bot"]): row["engaged_seconds"]
        for row in marts["sessions"]
    }
    for row in marts["daily_stats"]:
        figures = found.pop((row["site_id"], row["event_date"]))
        figures["unique_users"] = len(users[row["site_id"], row["event_date"]])
        figures["returning_users"] = figures["unique_users"] - figures["new_users"]
        assert {name: row[name] for name in figures} == figures, row
    assert not found
    for mart in ("daily_devices", "daily_event_stats", "daily_traffic"):
        assert sorted(list(row.values()) for row in marts[mart]) == sorted(
            [*day, *summed(mart, *group)]
            for (name, *day), own in tables.items()
            if name == mart
            for group in own.items()
        )


def test_the_same_arguments_make_the_same_bytes_in_another_process():
    code = (
        "import hashlib, json; from datetime import date; from footfall.simulator.traffic import generate; "
        "print(hashlib.sha256(json.dumps(list(generate(3, 900, 2, date(2026, 11, 3)))).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_number_of_events_is_about_what_was_asked_for():
    for days, events in ((1, 3000), (14, 50_000)):
        assert truth(days, events, 7, UNTIL)["totals"]["events"] == pytest.approx(events, rel=0.12)


def test_the_traffic_holds_the_cases_that_are_easy_to_get_wrong():
    events = accepted(*LONG_RUN, UNTIL)
    sessions = sessionise(events, TIMEZONES)
    by_id = {(event["site_id"], event["event_id"]): event for event in events}
    times = [[by_id[s.site, event_id]["occurred_at"] for event_id in s.event_ids] for s in sessions]
    gaps = Counter(after - before for own in times for before, after in pairwise(own))
    assert gaps[timedelta(minutes=30)] > 0
    assert gaps[timedelta()] > 0
    assert all(gap < timedelta(minutes=29) for gap in gaps if gap != timedelta(minutes=30))
    apart = [
        after.start - before.end
        for before, after in pairwise(sessions)
        if (before.site, before.visitor) == (after.site, after.visitor) and after.start_cause == "timeout"
    ]
    assert timedelta(minutes=30, milliseconds=1) in apart
    assert all(gap > timedelta(minutes=31) for gap in apart if gap != timedelta(minutes=30, milliseconds=1))
    causes = Counter(session.start_cause for session in sessions)
    assert set(causes) == {"first_visit", "timeout", "signed_out", "user_switch", "midnight_cut"}
    assert any(session.end.date() > session.start.date() for session in sessions if session.site == "widget")
    assert {visitor_of(event)[:5] for event in events} >= {"user:"}
    users = defaultdict(set)
    for event in events:
        if event["anonymous_id"] and event["user_id"]:
            users[event["anonymous_id"]].add(event["user_id"])
    assert any(len(known) > 1 for known in users.values())


def test_checkouts_end_in_every_way():
    marts = reckoned(LONG_RUN)
    checkouts = [row for row in marts["checkouts"] if not row["is_bot"]]
    assert {(row["status"], row["abandoned_step"]) for row in checkouts} == {
        ("succeeded", None),
        ("failed", None),
        ("abandoned", "checkout"),
        ("abandoned", "payment"),
    }
    assert {row["error_count"] for row in checkouts} >= {0, 1, 2, 3}
    assert any(row["checkout_id"] == row["session_id"] for row in checkouts)
    errors = marts["payment_errors"]
    assert any(row["is_retried"] and not row["is_recovered"] for row in errors)
    waits = [row["recovered_at"] - row["occurred_at"] for row in errors if row["is_recovered"]]
    assert min(waits) < timedelta(minutes=5)
    assert max(waits) > timedelta(days=2)


def test_orders_are_reported_once_and_again():
    marts = reckoned(LONG_RUN)
    orders = [row for row in marts["orders"] if not row["is_bot"]]
    assert len(orders) < len(marts["orders"])
    assert {row["currency"] for row in orders} == {"EUR", "CHF", "USD", None}
    assert {row["order_type"] for row in orders if row["checkout_id"] is None} == {"order", "booking"}
    days = defaultdict(list)
    for row in marts["commerce_events"]:
        days[row["order_id"]].append(row["event_date"])
    reported = [days[row["order_id"]] for row in orders]
    assert any(len(own) == 1 for own in reported)
    assert any(len(own) > 1 and len(set(own)) == 1 for own in reported)
    assert any(len(set(own)) > 1 for own in reported)


def test_communities_and_customers_are_of_every_kind():
    marts = reckoned(LONG_RUN)
    assert {row["is_cross_division"] for row in marts["community_visits"]} == {True, False, None}
    assert any(0 < row["signed_in_visitor_count"] < row["visitor_count"] for row in marts["community_visits_daily"])
    customers = marts["customers"]
    assert any(row["order_count"] and row["booking_count"] for row in customers)
    assert any(row["revenue"] and len(row["revenue"]) > 1 for row in customers)
    assert any(row["review_count"] > 1 for row in customers)
    assert any(row["active_day_count"] > 1 and row["registered_at"] for row in customers)
    assert any(row["registered_at"] is None for row in customers)


def test_every_event_passes_the_collectors_checks_unchanged():
    now = datetime(2026, 11, 20, tzinfo=UTC)
    names, errors = Counter(), Counter()
    for sent in generate(10, 30000, 4, UNTIL):
        landed = validate(msgspec.json.encode(sent.event), Reception(sent.site, now, "test"))
        assert isinstance(landed, LandedEvent), landed
        assert (landed.flags, landed.event_id) == ([], sent.event["event_id"])
        assert landed.occurred_at == datetime.fromisoformat(sent.event["client_timestamp"])
        names[landed.event_name] += 1
        errors[landed.event_name] += landed.event_category == "error"
    assert set(names) == set(STANDARD_EVENTS)
    assert {name: names[name] for name in ("widget_error", "api_error", "payment_failed")} == +errors


def test_bots_say_that_they_are_bots_and_people_do_not():
    assert all(crawleruseragents.is_crawler(bot.user_agent) for bot in BOTS)
    assert not any(crawleruseragents.is_crawler(browser.user_agent) for browser in BROWSERS)


def test_batches_hold_one_site_and_user_agent_and_lose_nothing():
    traffic = list(generate(3, 9000, 5, UNTIL))
    made = list(batches(traffic))
    assert max(len(batch.events) for batch in made) <= 500
    sent = Counter(json.dumps(event) for batch in made for event in batch.events)
    assert sent == Counter(json.dumps(event.event) for event in traffic)
    agents = {event.event["event_id"]: (event.site, event.user_agent) for event in traffic}
    for batch in made:
        assert {agents[event["event_id"]] for event in batch.events} == {(batch.site, batch.user_agent)}
    stamps = [event.event["client_timestamp"] for event in traffic]
    assert stamps != sorted(stamps)


def test_the_last_complete_day_is_over_everywhere():
    assert last_complete_day(datetime(2026, 11, 20, 4, 59, tzinfo=UTC)) == date(2026, 11, 18)
    assert last_complete_day(datetime(2026, 11, 20, 5, 1, tzinfo=UTC)) == date(2026, 11, 19)
    latest = max(datetime.fromisoformat(sent.event["client_timestamp"]) for sent in generate(2, 3000, 1, UNTIL))
    assert latest < datetime(2026, 11, 4, 5, tzinfo=UTC)
