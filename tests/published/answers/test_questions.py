"""Each ready question, answered from two days whose figures are known."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from rich.cells import cell_len

from footfall.answers.questions import FOLDER, answer, parameters, questions
from footfall.pipeline import night
from runtime.settings import PROJECT
from tests.support.command import walk
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.marts.history import happening

SECOND, THIRD = date(2026, 11, 2), date(2026, 11, 3)
DIRECT = ("Direct", "(direct)", "(none)")

ANSWERS = {
    "summary": (
        "site_id, first_day, session_count, visitor_count, new_visitor_count, page_view_count, engaged_percent,"
        " avg_session_seconds, conversation_count, conversation_percent, messages_sent_count, messages_received_count,"
        " widget_loaded_count, widget_opened_count, error_count",
        ("blog", THIRD, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        ("shop", SECOND, 8, 7, 7, 7, 12.5, 225, 1, 12.5, 1, 1, 1, 1, 0),
    ),
    "visitors": (
        "site_id, first_day, last_day, value, visitor_count, margin",
        ("blog", THIRD, THIRD, "(all)", 1, 0),
        ("shop", SECOND, THIRD, "(all)", 7, 0),
    ),
    "daily_trends": (
        "site_id, event_date, session_count, visitor_count, new_visitor_count, returning_visitor_count, page_view_count,"
        " engaged_session_count, avg_session_duration_seconds, conversation_count, messages_sent_count,"
        " messages_received_count, message_count, conversation_percent",
        ("blog", THIRD, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0),
        ("shop", SECOND, 2, 2, 2, 0, 3, 0, 210, 0, 0, 0, 0, 0),
        ("shop", THIRD, 6, 6, 5, 1, 4, 1, 230, 1, 1, 1, 2, Decimal("16.67")),
    ),
    "daily_messages": (
        "site_id, event_date, conversation_count, messages_sent_count, messages_received_count, avg_response_seconds,"
        " widget_loaded_count, widget_opened_count, error_count",
        ("blog", THIRD, 0, 0, 0, None, 0, 0, 0),
        ("shop", SECOND, 0, 0, 0, None, 0, 0, 0),
        ("shop", THIRD, 1, 1, 1, 9, 1, 1, 0),
    ),
    "top_events": (
        "total, site_id, event_name, event_count, session_count",
        (18, "shop", "page_viewed", 7, 5),
        (18, "shop", "checkout_started", 2, 2),
        (18, "shop", "community_visited", 2, 2),
    ),
    "recent_sessions": (
        "total, site_id, visitor_id, user_id, duration_seconds, page_view_count, event_count, end_cause",
        (9, "shop", "gus's", "gus", 0, 0, 1, "timeout"),
        (9, "shop", "somebody's", None, 0, 0, 1, "timeout"),
        (9, "shop", "fay's", None, 240, 0, 5, "page_unload"),
        (9, "shop", "dora's", "dora", 240, 1, 5, "signed_out"),
        (9, "shop", "carl's", "carl", 300, 1, 6, "timeout"),
        (9, "shop", "ann's", "ann", 600, 2, 3, "timeout"),
        (9, "blog", "ann's", None, 0, 1, 1, "timeout"),
        (9, "shop", "eve's", None, 120, 1, 3, "timeout"),
        (9, "shop", "ann's", None, 300, 2, 2, "timeout"),
    ),
    "traffic_sources": (
        "site_id, channel, source, medium, referrer_host, session_count, session_percent, new_visitor_count,"
        " engaged_session_count, conversion_count",
        ("shop", *DIRECT, "(none)", 6, 75, 5, 0, 2),
        ("blog", *DIRECT, "(none)", 1, 100, 1, 0, 0),
        ("shop", "Email", "news", "email", "(none)", 1, 12.5, 1, 1, 0),
        ("shop", "Organic Search", "google", "organic", "google.com", 1, 12.5, 1, 0, 0),
    ),
    "channels": (
        "site_id, channel, session_count, session_percent, new_visitor_count, engaged_session_count, engaged_percent",
        ("shop", "Direct", 6, 75, 5, 0, 0),
        ("blog", "Direct", 1, 100, 1, 0, 0),
        ("shop", "Email", 1, 12.5, 1, 1, 100),
        ("shop", "Organic Search", 1, 12.5, 1, 0, 0),
    ),
    "countries": (
        "site_id, country_code, session_count, session_percent, visitor_count",
        ("shop", "(unknown)", 8, 100, 7),
        ("blog", "(unknown)", 1, 100, 1),
    ),
    "publications": (
        "site_id, publication_id, first_day, last_day, failed_check_count",
        ("blog", 1, SECOND, THIRD, 0),
        ("shop", 1, SECOND, THIRD, 0),
    ),
    "restatements": ("site_id",),
    "rejects": ("site_id",),
    "held_days": ("site_id",),
    "waiting_days": ("site_id",),
    "sites": (
        "site_id, timezone, framed_by, first_day, last_day, session_count",
        ("blog", "UTC", "", THIRD, THIRD, 1),
        ("shop", "UTC", "", SECOND, THIRD, 8),
    ),
    "devices": (
        "site_id, device_type, browser, os, session_count, session_percent",
        ("shop", "desktop", "Firefox", "Linux", 8, 100),
        ("blog", "desktop", "Firefox", "Linux", 1, 100),
    ),
    "device_types": (
        "site_id, device_type, session_count, session_percent",
        ("shop", "desktop", 8, 100),
        ("blog", "desktop", 1, 100),
    ),
    "browsers": ("site_id, browser, session_count", ("shop", "Firefox", 8), ("blog", "Firefox", 1)),
    "operating_systems": ("site_id, os, session_count", ("shop", "Linux", 8), ("blog", "Linux", 1)),
    "utm_sources": ("site_id, utm_source, session_count", ("shop", "news", 1)),
    "referrers": (
        "site_id, referrer_host, session_count",
        ("shop", "direct", 7),
        ("blog", "direct", 1),
        ("shop", "google.com", 1),
    ),
    "session_ends": (
        "site_id, end_cause, session_count, session_percent",
        ("blog", "timeout", 1, 100),
        ("shop", "timeout", 6, 75),
        ("shop", "page_unload", 1, 12.5),
        ("shop", "signed_out", 1, 12.5),
    ),
    "signed_in_and_anonymous": (
        "site_id, is_anonymous, session_count, avg_session_seconds, avg_page_view_count, engaged_percent",
        ("blog", True, 1, 0, 1, 0),
        ("shop", False, 4, 240, 0.5, 25),
        ("shop", True, 6, 140, Decimal("0.83"), 0),
    ),
    "pages_before_conversion": (
        "site_id, conversion_count, avg_page_view_count, median_page_view_count, avg_session_count, avg_seconds",
        ("shop", 2, 2, 2, 1.5, 240),
    ),
    "sessions_before_conversion": (
        "user_id, duration_seconds, anonymous_seconds, page_view_count, anonymous_page_view_count, landing_page, channel",
        ("dora", 240, 60, 1, 1, "/", "Direct"),
        ("ann", 300, 300, 2, 2, "/", "Organic Search"),
        ("ann", 600, 120, 2, 1, "/login", "Direct"),
    ),
    "converting_sources": (
        "site_id, first_channel, first_source, first_medium, visitor_count, conversion_count, conversion_percent",
        ("shop", "Organic Search", "google", "organic", 1, 1, 100),
        ("shop", *DIRECT, 5, 1, 20),
        ("blog", *DIRECT, 1, 0, 0),
        ("shop", "Email", "news", "email", 1, 0, 0),
    ),
    "converting_landing_pages": (
        "site_id, first_landing_page, visitor_count, conversion_count, conversion_percent",
        ("shop", "/", 2, 2, 100),
        ("blog", "/post", 1, 0, 0),
        ("shop", "/checkout", 1, 0, 0),
        ("shop", "/community", 2, 0, 0),
    ),
    "popular_pages": (
        "site_id, page_path, page_view_count, anonymous_page_view_count, avg_seconds, entry_count, exit_count, bounce_count",
        ("shop", "/", 3, 2, 180, 2, 2, 1),
        ("blog", "/post", 1, 1, 0, 1, 1, 1),
        ("shop", "/checkout", 1, 1, 120, 1, 1, 1),
        ("shop", "/login", 1, 1, 600, 1, 0, 0),
    ),
    "journeys": (
        "site_id, journey, session_count, engaged_percent",
        ("blog", "/post", 1, 0),
        ("shop", "/", 1, 0),
        ("shop", "/ > /offer/1", 1, 0),
        ("shop", "/checkout", 1, 0),
        ("shop", "/login > /", 1, 0),
        ("shop", "/offer/2", 1, 100),
    ),
    "revenue": (
        "site_id, event_date, currency, order_count, booking_count, revenue",
        ("shop", THIRD, "EUR", 1, 0, 100),
        ("shop", THIRD, "USD", 0, 1, 50),
    ),
    "funnel": (
        "site_id, step, entered, completed, abandoned, completed_percent, of_visits_percent, reached, reached_percent",
        ("blog", "visit", 1, 0, 1, 0, 100, 1, 100),
        ("shop", "visit", 8, 3, 5, 37.5, 100, 8, 100),
        ("shop", "category", 0, 0, 0, None, 0, 3, 37.5),
        ("shop", "offer", 1, 1, 0, 100, 12.5, 3, 37.5),
        ("shop", "checkout", 2, 2, 0, 100, 25, 3, 37.5),
        ("shop", "payment", 2, 1, 1, 50, 25, 3, 37.5),
        ("shop", "purchase", 2, 2, 0, 100, 25, 2, 25),
    ),
    "abandoned_checkouts": (
        "site_id, status, abandoned_step, currency, checkout_count, amount, error_count",
        ("shop", "failed", None, "EUR", 1, 30, 1),
    ),
    "payment_errors": (
        "checkout_id, user_id, error_code, payment_method, amount, attempt_number, is_retried, is_recovered",
        ("c-carl", "carl", "card_declined", "card", 100, 1, True, True),
        ("c-eve", None, "insufficient_funds", None, 30, 1, False, False),
    ),
    "payment_recovery": (
        "site_id, error_code, error_count, retried_count, recovered_count, recovered_percent",
        ("shop", "card_declined", 1, 1, 1, 100),
        ("shop", "insufficient_funds", 1, 0, 0, 0),
    ),
    "customers": (
        "user_id, session_count, order_count, booking_count, review_count, last_order_amount, last_booking_service, primary_browser",
        ("ann", 1, 0, 0, 0, None, None, "Firefox"),
        ("carl", 1, 1, 0, 0, 100, None, "Firefox"),
        ("dora", 1, 0, 1, 1, None, "massage", "Firefox"),
        ("gus", 1, 0, 0, 0, None, None, "Firefox"),
    ),
    "most_active_users": (
        "user_id, active_day_count, session_count, page_view_count, session_seconds_total",
        ("ann", 1, 1, 2, 600),
        ("carl", 1, 1, 1, 300),
        ("dora", 1, 1, 1, 240),
        ("gus", 1, 1, 0, 0),
    ),
    "active_sessions": (
        "site_id, visitor_id, user_id, page_view_count, page_path, page_type",
        ("shop", "hal's", None, 1, "/checkout", "checkout"),
        ("shop", "ina's", "ina", 1, "/", "homepage"),
    ),
    "live_visitors": (
        "site_id, area, visitor_count",
        *(("blog", area, 0) for area in ("homepage", "category", "offer", "checkout", "payment", "payment_error")),
        ("shop", "homepage", 1),
        ("shop", "category", 0),
        ("shop", "offer", 0),
        ("shop", "checkout", 1),
    ),
    "checkouts": (
        "checkout_id, user_id, status, items, amount, payment_method, error_count, retry_count, is_recovered,"
        " last_error_code, last_error_message",
        ("c-carl", "carl", "succeeded", [{"id": 1}, {"id": 2}], 100, "card", 1, 1, True, "card_declined", "Declined."),
        ("c-eve", None, "failed", [{"id": 1}], 30, None, 1, 0, False, "insufficient_funds", "Not enough."),
    ),
    "conversions": (
        "user_id, landing_page, channel, anonymous_session_count, anonymous_page_view_count, anonymous_seconds",
        ("dora", "/", "Direct", 1, 1, 60),
        ("ann", "/", "Organic Search", 2, 3, 420),
    ),
    "customer_sessions": (
        "user_id, is_active, duration_seconds, page_view_count, end_cause",
        ("ina", True, 0, 1, None),
        ("jon", True, 0, 0, None),
        ("gus", False, 0, 0, "timeout"),
        ("dora", False, 240, 1, "signed_out"),
        ("carl", False, 300, 1, "timeout"),
        ("ann", False, 600, 2, "timeout"),
    ),
    "daily_communities": (
        "site_id, event_date, community_id, visit_count, visitor_count, signed_in_visitor_count, signed_in_percent,"
        " cross_division_visitor_count",
        ("shop", THIRD, "m-1", 2, 2, 1, 50, 2),
    ),
    "daily_funnel": (
        "site_id, event_date, step, entered, completed, abandoned, reached, median_seconds",
        ("blog", THIRD, "visit", 1, 0, 1, 1, None),
        ("shop", THIRD, "visit", 6, 2, 4, 6, 60),
        ("shop", THIRD, "category", 0, 0, 0, 2, None),
    ),
    "weekly_retention": (
        "site_id, first_week, week_number, is_over, new_visitor_count, visitor_count, visitor_percent,"
        " new_customer_count, customer_count, customer_percent",
        ("blog", SECOND, 0, False, 1, 1, 100, 0, 0, None),
        ("shop", SECOND, 0, False, 7, 7, 100, 4, 4, 100),
    ),
    "daily_pages": (
        "site_id, event_date, page_path, page_view_count, visitor_count, new_visitor_count, returning_visitor_count,"
        " session_count, avg_seconds",
        ("shop", THIRD, "/", 2, 2, 1, 1, 2, 120),
        ("blog", THIRD, "/post", 1, 1, 1, 0, 1, 0),
        ("shop", THIRD, "/login", 1, 1, 0, 1, 1, 600),
        ("shop", THIRD, "/offer/2", 1, 1, 1, 0, 1, 300),
        ("shop", SECOND, "/", 1, 1, 1, 0, 1, 300),
        ("shop", SECOND, "/checkout", 1, 1, 1, 0, 1, 120),
        ("shop", SECOND, "/offer/1", 1, 1, 1, 0, 1, 0),
    ),
    "live_pages": (
        "site_id, page_type, page_identifier, visitor_count, signed_in_count, anonymous_count",
        ("shop", "checkout", None, 1, 0, 1),
        ("shop", "homepage", None, 1, 1, 0),
    ),
    "live_events": (
        "site_id, event_name, visitor_id, page_path, page_type",
        ("shop", "page_viewed", "hal's", "/checkout", "checkout"),
        ("shop", "page_viewed", "ina's", "/", "homepage"),
        ("shop", "community_visited", "jon's", "/", None),
        ("shop", "payment_failed", "kim's", "/", None),
        ("shop", "checkout_started", "kim's", "/", None),
    ),
    "live_checkouts": (
        "site_id, visitor_id, last_commerce_event, has_payment_error",
        ("shop", "kim's", "payment_failed", True),
    ),
    "live_payment_errors": (
        "site_id, checkout_id, error_code, amount, currency, is_retried",
        ("shop", "c-kim", "card_declined", 20, "EUR", False),
    ),
    "live_communities": (
        "site_id, community_id, community_slug, visitor_count, signed_in_percent, cross_division_count",
        ("shop", "m-1", "music", 1, 100, 1),
    ),
    "declared_properties": (
        "site_id, event_name, property, type",
        ("shop", "order_placed", "amount", "number"),
        ("shop", "payment_failed", "error_code", "text"),
    ),
    "goals": (
        "site_id, goal, conversion_count, session_count, session_percent, value, currency",
        ("shop", "offer", 2, 2, 25, None, None),
        ("shop", "declined", 1, 1, 12.5, None, None),
        ("shop", "sale", 1, 1, 12.5, 100, "EUR"),
    ),
    "goal_channels": (
        "total, site_id, goal, channel, conversion_count, session_count, session_percent, value, currency",
        (4, "shop", "declined", "Email", 1, 1, 100, None, None),
        (4, "shop", "offer", "Email", 1, 1, 100, None, None),
        (4, "shop", "offer", "Organic Search", 1, 1, 100, None, None),
        (4, "shop", "sale", "Email", 1, 1, 100, 100, "EUR"),
    ),
    "daily_goals": (
        "total, site_id, event_date, goal, conversion_count, session_count, visitor_count, value, currency",
        (4, "shop", THIRD, "declined", 1, 1, 1, None, None),
        (4, "shop", THIRD, "offer", 1, 1, 1, None, None),
        (4, "shop", THIRD, "sale", 1, 1, 1, 100, "EUR"),
        (4, "shop", SECOND, "offer", 1, 1, 1, None, None),
    ),
    "funnels": (
        "site_id, funnel, step_number, step, reached, lost_before, of_entered_percent",
        ("shop", "buy", 1, "/offer/*", 2, None, 100),
        ("shop", "buy", 2, "event:checkout_started", 1, 1, 50),
        ("shop", "buy", 3, "event:order_placed", 1, 0, 50),
    ),
    "daily_funnels": (
        "total, site_id, event_date, funnel, step_number, step, entered, reached",
        (6, "shop", THIRD, "buy", 1, "/offer/*", 1, 1),
        (6, "shop", THIRD, "buy", 2, "event:checkout_started", 1, 1),
        (6, "shop", THIRD, "buy", 3, "event:order_placed", 1, 1),
        (6, "shop", SECOND, "buy", 1, "/offer/*", 1, 1),
        (6, "shop", SECOND, "buy", 2, "event:checkout_started", 1, 0),
    ),
    "event_search": (
        "site_id, event_name, event_date",
        ("shop", "community_visited", THIRD),
        ("shop", "community_visited", THIRD),
        ("shop", "session_ended", THIRD),
    ),
    "property_search": ("site_id",),
    "communities": (
        "site_id, community_id, community_slug, visit_count, avg_visitor_count, signed_in_percent, cross_division_percent",
        ("shop", "m-1", "music", 2, 2, 50, 100),
    ),
}
"""Columns and the first rows."""


@pytest.fixture(scope="module", autouse=True)
def goes_on(published):
    """What goes on while these tests run: live views show five minutes."""
    Landing(published.settings.landing).land(*happening())
    night.load(published)


def ask(published, question, /, **given):
    """The rows of its answer by column."""
    columns, found = answer(published, question, parameters(given))
    return [dict(zip(columns, row, strict=True)) for row in found]


def test_every_question_is_answered_here_and_documented():
    documented = (PROJECT / "docs" / "questions.md").read_text()
    assert set(questions()) == set(ANSWERS)
    for name, asks in questions().items():
        assert f"| [`{name}`](../dbt_project/analyses/{name}.sql) | {asks} |" in documented


@pytest.mark.parametrize("name", ANSWERS)
def test_a_question_is_answered(published, name):
    columns, *expected = ANSWERS[name]
    found = ask(published, name)
    assert [tuple(row[column] for column in columns.split(", ")) for row in found[: len(expected)]] == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.sql")))
def test_a_question_begins_with_what_it_asks(name):
    assert questions()[name].endswith((".", "?")), name


NARROWED = {name for name in questions() if "narrowed" in (FOLDER / f"{name}.sql").read_text()}


@pytest.mark.parametrize("name", sorted(NARROWED))
def test_filters_that_keep_every_session_change_nothing(published, name):
    """The daily figures and the sessions behind them are one definition."""
    everything = {"device": "desktop", "country": "(unknown)"}
    found = {"name": "payment_failed", "property": "error_code", "value": "card_declined"}
    asked = found if name == "property_search" else {}
    assert ask(published, name, days=0, rows=100, **everything, **asked) == ask(
        published, name, days=0, rows=100, **asked
    )
    for narrow in ("channel", "path", "device", "country"):
        assert ask(published, name, days=0, **{narrow: "no such"}, **asked) == []


def test_a_question_is_narrowed_to_a_channel_and_a_page(published):
    def sessions(**given):
        return [row["session_count"] for row in ask(published, "summary", site="shop", days=0, **given)]

    assert sessions(channel="Direct") == [6]
    assert sessions(path="/") == [3]
    assert sessions(channel="Direct", path="/") == [2]
    found = ask(published, "popular_pages", site="shop", days=0, path="/login")
    assert [(row["page_path"], row["page_view_count"]) for row in found] == [("/", 1), ("/login", 1)]
    assert [row["channel"] for row in ask(published, "channels", site="shop", days=0, channel="Email")] == ["Email"]
    funnel = ask(published, "funnel", site="shop", days=0, channel="Email")
    assert (funnel[0]["step"], funnel[0]["entered"]) == ("visit", 1)
    organic = ask(published, "conversions", site="shop", days=1, channel="Organic Search")
    assert [row["user_id"] for row in organic] == ["ann"], "the first session was the day before"
    assert {row["user_id"] for row in ask(published, "customers", days=0, path="/login")} == {"ann"}


def test_a_question_is_asked_of_one_site_and_day_with_variables(command):
    asked = command("ask", "customers", "--site", "shop", "--days", "0", "--var", "sort=registered", "--var", "rows=1")
    assert set(re.findall(r"^shop +(\S+)", asked.stdout, re.MULTILINE)) == {"ann"}, asked.stdout + asked.stderr


def test_a_question_is_asked_of_the_days_from_one_to_another(published, command):
    every, first_day, rest = ({}, {"last": "2026-11-02"}, {"first": "2026-11-03", "last": "2027-01-01"})
    counted = [
        {row["event_name"]: row["event_count"] for row in ask(published, "top_events", site="shop", rows=100, **given)}
        for given in (every, first_day, rest)
    ]
    assert counted[0] == {name: counted[1].get(name, 0) + counted[2].get(name, 0) for name in counted[0]}
    assert counted[1]["payment_failed"] == 1
    assert {row["session_count"] for row in ask(published, "customers", first="2026-11-02", last="2026-11-02")} <= {0}
    asked = command("ask", "daily_trends", "--site", "shop", "--from", "2026-11-02", "--to", "2026-11-02")
    assert re.findall(r"2026-11-0\d", asked.stdout) == ["2026-11-02"], asked.stdout + asked.stderr
    refused = command("ask", "summary", "--from", "2026-11-03", "--to", "2026-11-02")
    assert (refused.returncode, "before" in refused.stderr) == (1, True)
    refused = command("ask", "summary", "--from", "2026-11-03", "--days", "3")
    assert (refused.returncode, "neither from nor to" in refused.stderr) == (1, True)


def test_an_event_is_found_by_a_declared_property(command):
    searched = ("name=payment_failed", "property=error_code", "value=card_declined", "since=2026-11-03T00:00:00Z")
    asked = command("ask", "property_search", "--json", *(part for each in searched for part in ("--var", each)))
    assert [row["event_id"] for row in json.loads(asked.stdout)["rows"]] == ["carl's 03 11:03"], asked.stderr
    refused = command("ask", "property_search", "--var", "properties=[]")
    assert (refused.returncode, "properties" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)


def test_a_summary_shows_the_columns_that_a_site_has_something_in(command):
    blog = command("ask", "summary", "--days", "0", "--site", "blog").stdout
    assert "visitor_count" in blog
    assert "nothing in engaged_percent, avg_session_seconds, conversation_count" in " ".join(blog.split())
    whole = command("ask", "summary", "--days", "0", "--site", "blog", "--csv").stdout
    assert "conversation_count" in whole.splitlines()[0]


def test_a_narrow_answer_is_a_table(command):
    asked = command("ask", "devices", "--days", "1", "--site", "blog")
    assert re.search(r"blog +desktop +Firefox +Linux +1 +100.00", asked.stdout), asked.stdout + asked.stderr


def test_every_answer_fits_a_terminal_of_a_hundred_columns(published):
    names = sorted(questions())
    said = walk(published, *(["ask", name] for name in names), COLUMNS="100")
    wide = {
        name: line
        for name, printed in zip(names, said, strict=True)
        for line in printed.splitlines()
        if cell_len(line) > 100
    }
    assert wide == {}


def test_the_sql_of_a_question_can_be_run_elsewhere(published, command):
    query = command("ask", "daily_trends", "--site", "o'hara", "--days", "0", "--sql").stdout
    assert "site_id = 'o''hara'" in query
    assert rows(published.engine, query) == []


def test_an_unknown_question_is_refused_with_the_way_to_all_others(command):
    asked = command("ask", "everything")
    assert asked.returncode == 1
    assert "footfall ask" in asked.stderr


def test_an_unknown_parameter_and_a_wrong_value_are_refused_with_the_right_ones(command):
    right = {
        "rows=abc": "rows takes a whole number from 1, not 'abc'",
        "rows=0": "rows takes a whole number from 1, not '0'",
        "row=5": "there is no variable row; did you mean rows?",
    }
    for wrong, hint in right.items():
        asked = command("ask", "devices", "--var", wrong)
        assert asked.returncode == 1
        assert "Traceback" not in asked.stderr
        assert hint in asked.stderr


def test_a_question_is_sorted_as_asked(published):
    newest = [row["user_id"] for row in ask(published, "customers", days=0, sort="registered")]
    oldest = [row["user_id"] for row in ask(published, "customers", days=0, sort="registered", ascending="true")]
    assert newest[0] == oldest[0] == "ann"
    most = [row["session_count"] for row in ask(published, "customers", days=0, sort="no such order")]
    assert most == sorted(most, reverse=True)


def test_visitors_of_a_summary_outlive_their_sessions(morning_after):
    before = ask(morning_after, "summary")
    with morning_after.engine.begin() as connection:
        connection.exec_driver_sql("delete from marts.sessions where event_date = '2026-11-02'")
    assert ask(morning_after, "summary") == before


def test_visitors_are_told_apart_by_a_dimension(published, command):
    found = ask(published, "visitors", site="shop", dimension="channel")
    assert [(row["value"], row["visitor_count"]) for row in found] == [
        ("Direct", 6),
        ("Email", 1),
        ("Organic Search", 1),
    ]
    refused = command("ask", "visitors", "--var", "dimension=browser")
    assert "dimension takes channel, device_type or country_code, not 'browser'" in refused.stderr.replace("\n", " ")
