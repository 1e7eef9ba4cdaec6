"""MetricFlow gives the same figures as SQL on the published marts."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from footfall.pipeline import dbt
from tests.support.database import rows
from warehouse.postgres.roles import Role

SESSIONS = "select {} from marts.sessions where not is_bot and site_id = :site and event_date = :day"
CONVERSIONS = (
    "(select count(*) from marts.conversions where site_id = :site and event_date = :day and (site_id, session_id)"
    " in (select site_id, session_id from marts.sessions where not is_bot))"
)
ORDERED = (
    "(select count(distinct session_id) from marts.orders where not is_bot and site_id = :site and event_date = :day)"
)
BY_SITE_AND_DAY = {
    "sessions": SESSIONS.format("count(*)"),
    "visitors": SESSIONS.format("count(distinct visitor_id)"),
    "new_visitors": SESSIONS.format("count(distinct visitor_id) filter (where start_cause = 'first_visit')"),
    "returning_visitors": "select unique_users - new_users from marts.daily_stats"
    " where site_id = :site and event_date = :day",
    "bounce_rate": SESSIONS.format("avg(is_bounce::int)"),
    "average_session_duration": SESSIONS.format("avg(duration_seconds)"),
    "purchase_rate": SESSIONS.format(f"1.0 * {ORDERED} / count(*)"),
    "engaged_sessions": SESSIONS.format("count(*) filter (where is_engaged)"),
    "engagement_rate": SESSIONS.format("avg(is_engaged::int)"),
    "page_views": SESSIONS.format("sum(page_view_count)"),
    "anonymous_page_views": "select sum(anonymous_page_view_count) from marts.daily_page_stats"
    " where site_id = :site and event_date = :day",
    "conversations": SESSIONS.format("count(*) filter (where had_conversation)"),
    "conversation_rate": "select conversation_rate from marts.daily_stats where site_id = :site and event_date = :day",
    "conversions": f"select {CONVERSIONS}",
    "orders": "select count(*) from marts.orders where not is_bot and site_id = :site and event_date = :day",
    "payment_failure_rate": "select avg((event_name = 'payment_failed')::int) from marts.commerce_events"
    " where event_name in ('payment_failed', 'payment_succeeded') and not is_bot"
    " and site_id = :site and event_date = :day",
    "payment_recovery_rate": "select avg(is_recovered::int) from marts.checkouts"
    " where error_count > 0 and not is_bot and site_id = :site and event_date = :day",
    "identification_rate": SESSIONS.format(f"1.0 * {CONVERSIONS} / count(distinct visitor_id)"),
}


def test_each_metric_is_what_sql_on_the_marts_gives(published, query):
    found = query(BY_SITE_AND_DAY, "metric_time__day", "site")
    assert len(found) == 3
    for (day, site), figures in found.items():
        for metric, sql in BY_SITE_AND_DAY.items():
            ((expected,),) = rows(published.engine, sql, site=site, day=day[:10])
            assert float(figures[metric] or 0) == pytest.approx(float(expected or 0), abs=0.0001), (metric, day, site)


def test_visitors_of_weeks_months_and_years_are_those_of_their_sketches(published, query):
    for metric, period in (("weekly_visitors", "week"), ("monthly_visitors", "month"), ("yearly_visitors", "year")):
        found = query([metric], f"metric_time__{period}", "site")
        counted = "select site_id, visitor_count from marts.visitor_counts where period = :period and dimension = 'all'"
        assert {(site, float(figures[metric])) for (_, site), figures in found.items()} == set(
            rows(published.engine, counted, period=period)
        )


def test_metrics_leave_robots_out(query):
    assert set(query(["sessions", "conversions"], "session__is_bot")) == {("False",)}


def test_revenue_is_reported_by_currency_and_never_added_up(query):
    assert query(["revenue"], "order__currency") == {
        ("EUR",): {"revenue": "100.0"},
        ("USD",): {"revenue": "50.0"},
    }
    assert query(["average_order_value"], "order__currency") == {
        ("EUR",): {"average_order_value": "100.0"},
        ("USD",): {"average_order_value": "50.0"},
    }
    assert query(["revenue", "orders"], "site") == {("shop",): {"revenue": "", "orders": "2"}}


def test_metricflows_own_command_works_in_the_environment_that_is_printed(command):
    printed = dict(re.findall(r"^export (\w+)=(.*)$", command("metrics", "env").stdout, re.MULTILINE))
    mf = Path(sys.executable).parent / "mf"
    environment = {name: shlex.split(value)[0] for name, value in printed.items()}
    said = subprocess.run(
        [mf, "query", "--metrics", "sessions"], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.split()[-1] == "9"


def test_every_metric_is_listed_with_its_definition(published, command):
    listed = command("metrics", "list").stdout
    manifest = json.loads(dbt.target_path(published.settings, dbt.PUBLISHED).joinpath("manifest.json").read_text())
    for metric in manifest["metrics"].values():
        assert metric["name"] in listed
        assert metric["description"].endswith("."), metric["name"]


def test_the_environment_of_a_night_is_never_that_of_published_marts(published, monkeypatch):
    """Who works with `footfall metrics env` in a terminal may run the night there."""
    monkeypatch.setenv("DBT_TARGET", dbt.PUBLISHED)
    assert (
        dbt.environment(published.settings, published.database.roles[Role.TRANSFORMER])["DBT_TARGET"] == dbt.WAREHOUSE
    )
