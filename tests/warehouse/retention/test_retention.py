"""Retention prunes exactly the days that are due, may stop anywhere, and keeps no reader waiting."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ingestion.load.loader import load_sealed
from runtime.settings import Settings
from tests.support.database import rows
from tests.support.events import Landing, event
from warehouse.access.sites import add_site
from warehouse.retention import raw_days
from warehouse.retention.policies import RetentionError, list_policies, set_policy
from warehouse.retention.prune import KEPT, prune, rules
from warehouse.tables.partitions import ensure_partition, partition_name

DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.fixture
def landing(settings):
    return settings.landing


def change(engine, statement, **values):
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def keep(engine, **days):
    """Set policies; all others keep for ever."""
    change(engine, "update ops.retention_policies set keep_days = null")
    with engine.begin() as connection:
        for policy, keep_days in days.items():
            set_policy(connection, policy, keep_days)


def put_event(engine, day, ip=None):
    ensure_partition(engine, day)
    change(
        engine,
        "insert into raw.events (site_id, event_date, occurred_at, received_at, event_id, event_name, event_category,"
        " anonymous_id, client_timestamp, ip, collector_id, file_id, line_number) values ('shop', :day, :day, :day,"
        " gen_random_uuid(), 'page_viewed', 'engagement', 'd1', :day, :ip, 'test', 1, 1)",
        day=day,
        ip=ip,
    )


def mark_dirty(engine, day):
    change(
        engine,
        "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', :day, 'events_loaded')",
        day=day,
    )


def partitions(engine):
    """Days that still have a table, attached or not."""
    found = rows(
        engine,
        "select to_date(right(relname, 8), 'YYYYMMDD') from pg_class where relname ~ '^events_[0-9]{8}$' order by 1",
    )
    return [day for (day,) in found]


def everything(engine):
    """Row counts of all tables of ours but the record of the runs."""
    tables = rows(
        engine,
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace in ('raw'::regnamespace, 'marts'::regnamespace, 'ops'::regnamespace) and relname <> 'retention_runs' order by 1",
    )
    return {table: rows(engine, f"select count(*) from {table}") for (table,) in tables}


# Policies ----------------------------------------------------------------------------------------


def test_raw_events_are_dropped_to_the_day_and_their_days_sealed(engine, settings, today):
    keep(engine, raw_events=90)
    for age in (89, 90, 91, 92, 400):
        put_event(engine, today - age * DAY)
        change(engine, "insert into raw.lost_copies values ('shop', 'x', :day)", day=today - age * DAY)
    pruned = prune(engine, settings, ())
    assert partitions(engine) == [today - 90 * DAY, today - 89 * DAY]
    assert rows(engine, "select event_date from ops.frozen_days order by 1") == [
        (today - age * DAY,) for age in (400, 92, 91)
    ]
    assert [(found.relation, found.rows) for found in pruned] == [
        *((f"raw.{partition_name(today - age * DAY)}", 1) for age in (400, 92, 91)),
        ("raw.visitor_hashes", 0),
    ]
    assert rows(engine, "select count(*) from raw.events") == [(2,)]
    assert rows(engine, "select event_date from raw.lost_copies order by 1") == [
        (today - 90 * DAY,),
        (today - 89 * DAY,),
    ]


ROWS = {
    "anonymous sessions": (
        "anonymous_sessions",
        "marts.sessions (site_id, session_id, event_date, user_id)",
        "'shop', :id, :day, null",
    ),
    "signed-in sessions": (
        "signed_in_sessions",
        "marts.sessions (site_id, session_id, event_date, user_id)",
        "'shop', :id, :day, 'ann'",
    ),
    "anonymous visits": (
        "anonymous_sessions",
        "marts.page_views (site_id, page_view_id, event_date, user_id)",
        "'shop', :id, :day, null",
    ),
    "signed-in visits": (
        "signed_in_sessions",
        "marts.page_views (site_id, page_view_id, event_date, user_id)",
        "'shop', :id, :day, 'ann'",
    ),
    "anonymous visitors": (
        "anonymous_sessions",
        "marts.visitors (site_id, visitor_id, last_seen_at, current_user_id)",
        "'shop', :id, :moment, null",
    ),
    "signed-in visitors": (
        "signed_in_sessions",
        "marts.visitors (site_id, visitor_id, last_seen_at, current_user_id)",
        "'shop', :id, :moment, 'ann'",
    ),
    "anonymous commerce events": (
        "anonymous_sessions",
        "marts.commerce_events (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, null",
    ),
    "anonymous events": (
        "raw_events",
        "marts.events (site_id, session_id, position, event_date, user_id)",
        "'shop', :id, 1, :day, null",
    ),
    "signed-in events": (
        "raw_events",
        "marts.events (site_id, session_id, position, event_date, user_id)",
        "'shop', :id, 1, :day, 'ann'",
    ),
    "anonymous event properties": (
        "anonymous_sessions",
        "marts.event_properties (site_id, event_name, property, value, occurred_at, session_id, position, event_date)",
        "'shop', 'played', 'title', 'x', :day, :id, 1, :day",
    ),
    "signed-in event properties": (
        "signed_in_sessions",
        "marts.event_properties (site_id, event_name, property, value, occurred_at, session_id, position, event_date, user_id)",
        "'shop', 'played', 'title', 'x', :day, :id, 1, :day, 'ann'",
    ),
    "figures of properties": (
        "daily_tables",
        "marts.daily_property_stats (site_id, event_date, event_name, property, value)",
        "'shop', :day, 'played', 'title', :id",
    ),
    "anonymous checkouts": (
        "anonymous_sessions",
        "marts.checkouts (site_id, checkout_id, event_date, user_id)",
        "'shop', :id, :day, null",
    ),
    "anonymous payment errors": (
        "anonymous_sessions",
        "marts.payment_errors (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, null",
    ),
    "anonymous orders": (
        "anonymous_sessions",
        "marts.orders (site_id, order_type, order_id, event_date, user_id)",
        "'shop', 'order', :id, :day, null",
    ),
    "signed-in commerce events": (
        "signed_in_sessions",
        "marts.commerce_events (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, 'ann'",
    ),
    "signed-in checkouts": (
        "signed_in_sessions",
        "marts.checkouts (site_id, checkout_id, event_date, user_id)",
        "'shop', :id, :day, 'ann'",
    ),
    "signed-in payment errors": (
        "signed_in_sessions",
        "marts.payment_errors (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, 'ann'",
    ),
    "signed-in orders": (
        "signed_in_sessions",
        "marts.orders (site_id, order_type, order_id, event_date, user_id)",
        "'shop', 'order', :id, :day, 'ann'",
    ),
    "anonymous community visits": (
        "anonymous_sessions",
        "marts.community_visits (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, null",
    ),
    "signed-in community visits": (
        "signed_in_sessions",
        "marts.community_visits (site_id, event_id, event_date, occurred_at, user_id)",
        "'shop', :id, :day, :day, 'ann'",
    ),
    "daily statistics": ("daily_tables", "marts.daily_stats (site_id, event_date)", "'shop', :day"),
    "daily page statistics": (
        "daily_tables",
        "marts.daily_page_stats (site_id, event_date, page_path)",
        "'shop', :day, :id",
    ),
    "daily event statistics": (
        "daily_tables",
        "marts.daily_event_stats (site_id, event_date, event_name)",
        "'shop', :day, :id",
    ),
    "daily traffic": (
        "daily_tables",
        "marts.daily_traffic (site_id, event_date, channel, source, medium, campaign, referrer_host)",
        "'shop', :day, :id, '', '', '', ''",
    ),
    "daily devices": (
        "daily_tables",
        "marts.daily_devices (site_id, event_date, device_type, browser, os)",
        "'shop', :day, :id, '', ''",
    ),
    "daily sketches of visitors": (
        "daily_tables",
        "marts.daily_visitor_sketches (site_id, event_date, dimension, value, least_hashes)",
        "'shop', :day, 'all', '(all)', '{1}'",
    ),
    "sketches of visitors": (
        "daily_tables",
        "marts.visitor_sketches (site_id, period, first_day, last_day, dimension, value, least_hashes)",
        "'shop', 'week', cast(:moment as date), cast(:moment as date), 'all', '(all)', '{1}'",
    ),
    "hashes of visitors": ("raw_events", "raw.visitor_hashes", "'shop', :id, 1, :day"),
    "daily funnel": ("daily_tables", "marts.daily_funnel (site_id, event_date, step_number)", "'shop', :day, 1"),
    "daily retention": (
        "daily_tables",
        "marts.daily_retention (site_id, event_date, first_week)",
        "'shop', :day, :day",
    ),
    "daily goals": (
        "daily_tables",
        "marts.daily_goals (site_id, event_date, goal, channel, currency)",
        "'shop', :day, :id, '', ''",
    ),
    "daily funnels": (
        "daily_tables",
        "marts.daily_funnels (site_id, event_date, funnel, step_number)",
        "'shop', :day, :id, 1",
    ),
    "daily community visits": (
        "daily_tables",
        "marts.community_visits_daily (site_id, event_date, community_id)",
        "'shop', :day, :id",
    ),
    "payment contacts": (
        "payment_contacts",
        "ops.contact_vault (site_id, event_id, event_date, occurred_at, event_name, file_id, line_number)",
        "'shop', :id, cast(:moment as date), :moment, 'payment_failed', 1, cast(:moment as date) - date '2000-01-01'",
    ),
    "profile contacts": (
        "profile_contacts",
        "ops.contact_vault (site_id, event_id, event_date, occurred_at, event_name, file_id, line_number)",
        "'shop', :id, cast(:moment as date), :moment, 'user_identified', 2, cast(:moment as date) - date '2000-01-01'",
    ),
    "reads of contacts": (
        "contact_reads",
        "ops.contact_reads (read_at, token_id, site_id, asked)",
        ":moment, 't', 'shop', '/customers'",
    ),
    "rejects": (
        "rejects",
        "raw.rejects (file_id, line_number, received_at, rejected_at, reason, payload)",
        "1, 1, :moment, :moment, 'too_old', :id",
    ),
}


TOKEN = (
    "insert into ops.tokens (token_id, name, token_hash, sees_all_sites) values ('t', 't', '', true)"
    " on conflict do nothing"
)
SHORTER = {"anonymous community visits": "community_visits"}
"""Rows that may go earlier by a second policy: tests/warehouse/retention/test_kinds.py tries it."""


def put_row(engine, kind, day):
    """A row of that kind at the last moment of a day."""
    _, into, values = ROWS[kind]
    if "contact_reads" in into:
        change(engine, TOKEN)
    moment = datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, UTC)
    known = {"id": f"{kind} {day}", "day": day, "moment": moment}
    change(
        engine, f"insert into {into} values ({values})", **{name: known[name] for name in known if f":{name}" in values}
    )


@pytest.mark.parametrize("kind", ROWS)
def test_rows_go_to_the_day_by_their_policy_and_by_no_other(engine, settings, today, marts, kind):
    policy, into, _ = ROWS[kind]
    relation = into.split()[0]
    for age in (9, 10, 11, 12):
        put_row(engine, kind, today - age * DAY)
    with engine.connect() as connection:
        others = {known.name for known in list_policies(connection)} - {policy, SHORTER.get(kind)}
    keep(engine, **dict.fromkeys(others, 1))
    prune(engine, settings, marts)
    assert rows(engine, f"select count(*) from {relation}") == [(4,)]
    keep(engine, **{policy: 10})
    (found,) = [found for found in prune(engine, settings, marts) if found.relation == relation]
    assert (found.policy, found.rows) == (policy, 2)
    assert found.bytes > 0
    assert rows(engine, f"select count(*) from {relation}") == [(2,)]
    assert sum(found.rows for found in prune(engine, settings, marts)) == 0
    assert rows(engine, f"select count(*) from {relation}") == [(2,)]


def test_addresses_are_set_to_null_to_the_day_and_the_events_stay(engine, settings, today):
    keep(engine, ip_addresses=30)
    for age in (29, 30, 31, 32):
        put_event(engine, today - age * DAY, ip="203.0.113.7")
    found = next(found for found in prune(engine, settings, ()) if found.relation == "raw.events")
    assert (found.policy, found.rows) == ("ip_addresses", 2)
    assert rows(engine, "select event_date from raw.events where ip is null order by 1") == [
        (today - 32 * DAY,),
        (today - 31 * DAY,),
    ]
    assert rows(engine, "select count(*) from raw.events") == [(4,)]


def test_masked_addresses_of_sessions_are_set_to_null_to_the_day_and_the_sessions_stay(engine, settings, today, marts):
    keep(engine, ip_addresses=30)
    for age in (29, 30, 31, 32):
        put_row(engine, "signed-in sessions", today - age * DAY)
    change(engine, "update marts.sessions set ip_masked = '203.0.113.0/24'")
    found = next(found for found in prune(engine, settings, marts) if found.relation == "marts.sessions")
    assert (found.policy, found.rows) == ("ip_addresses", 2)
    assert rows(engine, "select event_date from marts.sessions where ip_masked is null order by 1") == [
        (today - 32 * DAY,),
        (today - 31 * DAY,),
    ]
    assert rows(engine, "select count(*) from marts.sessions") == [(4,)]


def put_file(engine, landing, name, age, state="loaded", folder="loaded"):
    (landing / folder).mkdir(parents=True, exist_ok=True)
    for suffix in ("", ".json"):
        (landing / folder / f"{name}{suffix}").write_bytes(b"123")
    if state:
        change(
            engine,
            "insert into ops.landed_files (file_name, checksum, byte_count, line_count, loaded_count, duplicate_count,"
            " rejected_count, state, loaded_at) values (:name, :name, 0, 0, 0, 0, 0, :state,"
            " current_date - make_interval(days => :age))",
            name=name,
            state=state,
            age=age,
        )


def test_landed_files_go_with_their_manifests_but_not_those_refused_unknown_or_waiting(
    engine, landing, settings, today
):
    keep(engine, landed_files=7)
    put_file(engine, landing, "young", 7)
    put_file(engine, landing, "old", 8)
    put_file(engine, landing, "refused", 8, state="refused", folder="refused")
    put_file(engine, landing, "unknown", 8, state=None)
    put_file(engine, landing, "again", 8, folder="sealed")
    (found,) = prune(engine, settings, (), confirmed=today)
    assert (found.policy, found.rows, found.bytes) == ("landed_files", 1, 3)
    left = {path.name for path in landing.rglob("*") if path.is_file() and path.suffix != ".json"}
    assert left == {"young", "refused", "unknown", "again"}
    assert {f"{name}.json" for name in left} == {path.name for path in landing.rglob("*.json")}


def test_refused_files_go_with_the_rejects(engine, landing, settings, today):
    keep(engine, rejects=30)
    put_file(engine, landing, "young", 30, state="refused", folder="refused")
    put_file(engine, landing, "old", 31, state="refused", folder="refused")
    put_file(engine, landing, "loaded", 31)
    done = prune(engine, settings, (), confirmed=today)
    found = next(found for found in done if found.relation == "refused files")
    assert (found.policy, found.rows, found.bytes) == ("rejects", 1, 3)
    assert {path.name for path in landing.rglob("*") if path.suffix != ".json" and path.is_file()} == {
        "young",
        "loaded",
    }


def test_rows_that_checks_quoted_are_forgotten_to_the_day_and_the_verdicts_stay(engine, settings, today):
    keep(engine, check_results=30)
    change(
        engine,
        "insert into ops.candidates (candidate_id, first_date, last_date, mark_ids, code_version, state)"
        " values ('7d44b088-4199-4bad-97dc-d78268e01398', current_date, current_date, '{}', 'v', 'abandoned')",
    )
    change(
        engine,
        "insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)"
        " select candidate_id, 'f', false, 1, 1 from ops.candidates",
    )
    for age in (29, 30, 31, 32):
        change(
            engine,
            "insert into ops.check_results (audit_id, mart, expectation, passed, failing_rows, checked_at)"
            """ select audit_id, 'sessions', 'e', false, '[{"user_id": "ann"}]', :at from ops.audits""",
            at=datetime.combine(today - age * DAY, datetime.max.time(), UTC),
        )
    found = next(found for found in prune(engine, settings, ()) if found.relation == "ops.check_results")
    assert (found.policy, found.rows) == ("check_results", 2)
    assert found.bytes > 0
    assert rows(engine, "select count(*), count(failing_rows) from ops.check_results") == [(4, 2)]


def test_every_table_of_every_schema_has_a_rule_or_a_reason_to_stay(engine, settings, marts):
    """A new mart, or a new table of raw or ops, is a decision about retention."""
    tables = "select oid::regclass::text from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = any(array['raw', 'marts', 'ops']::regnamespace[])"
    there = {table for (table,) in rows(engine, tables)}
    pruned = {rule.relation for rule in rules(marts)}
    kept = set(KEPT) | {mart.relation for mart in marts if mart.retention.kept}
    assert there == pruned | kept
    assert not pruned & kept
    with engine.connect() as connection:
        policies = {policy.name for policy in list_policies(connection)}
    assert {rule.policy for rule in rules(marts)} <= policies


def test_what_is_kept_for_ever_stays(engine, landing, settings, today, marts):
    keep(engine)
    put_event(engine, today - 4000 * DAY, ip="203.0.113.7")
    put_file(engine, landing, "old", 300)
    for kind in ROWS:
        put_row(engine, kind, today - 4000 * DAY)
    before = everything(engine)
    assert prune(engine, settings, marts, confirmed=today) == []
    assert everything(engine) == before
    assert (landing / "loaded" / "old").exists()


def test_days_that_are_dirty_are_never_pruned(engine, settings, today, marts):
    day = today - 100 * DAY
    keep(engine, raw_events=90, anonymous_sessions=90, signed_in_sessions=90, daily_tables=90)
    dated = [kind for kind in ROWS if ":day" in ROWS[kind][2]]
    for kind in dated:
        put_row(engine, kind, day)
    put_event(engine, day)
    mark_dirty(engine, day)
    before = everything(engine)
    prune(engine, settings, marts)
    assert everything(engine) == before
    assert rows(engine, "select count(*) from ops.frozen_days") == [(0,)]
    change(engine, "delete from ops.dirty_days")
    assert sum(found.rows for found in prune(engine, settings, marts)) == len(dated) + 1


def test_days_after_a_dirty_one_wait_with_it(engine, settings, today, marts):
    """Its build reads where the sessions end that begin on it."""
    keep(engine, raw_events=90)
    mark_dirty(engine, today - 100 * DAY)
    for age in range(95, 103):
        put_event(engine, today - age * DAY)
    prune(engine, settings, marts)
    assert partitions(engine) == [today - age * DAY for age in (100, 99, 98, 97)]
    change(engine, "delete from ops.dirty_days")
    prune(engine, settings, marts)
    assert partitions(engine) == []


def test_a_dry_run_says_the_rows_and_bytes_and_changes_nothing(engine, landing, settings, today, marts):
    keep(
        engine,
        raw_events=90,
        ip_addresses=30,
        rejects=30,
        payment_contacts=30,
        profile_contacts=365,
        contact_reads=365,
        landed_files=7,
        anonymous_sessions=90,
        signed_in_sessions=365,
        daily_tables=365,
    )
    put_event(engine, today - 100 * DAY)
    put_event(engine, today - 40 * DAY, ip="203.0.113.7")
    put_file(engine, landing, "old", 8)
    for kind in ROWS:
        put_row(engine, kind, today - 400 * DAY)
    before = everything(engine)
    said = prune(engine, settings, marts, dry_run=True, confirmed=today)
    assert everything(engine) == before
    assert rows(engine, "select count(*) from raw.events where ip is null") == [(1,)]
    assert (landing / "loaded" / "old").exists()
    assert all(found.bytes > 0 for found in said if found.rows)
    assert {(found.policy, found.relation, found.rows) for found in said} == {
        ("raw_events", f"raw.{partition_name(today - 100 * DAY)}", 1),
        ("landed_files", "landing zone", 1),
        ("rejects", "refused files", 0),
        ("rejects", "raw.rejects", 1),
        ("ip_addresses", "raw.events", 1),
        ("ip_addresses", "marts.sessions", 0),
        ("payment_contacts", "ops.contact_vault", 1),
        ("profile_contacts", "ops.contact_vault", 1),
        ("contact_reads", "ops.contact_reads", 1),
        ("raw_events", "marts.events", 2),
        ("anonymous_sessions", "marts.event_properties", 1),
        ("signed_in_sessions", "marts.event_properties", 1),
        ("anonymous_sessions", "marts.page_views", 1),
        ("anonymous_sessions", "marts.commerce_events", 1),
        ("anonymous_sessions", "marts.checkouts", 1),
        ("anonymous_sessions", "marts.orders", 1),
        ("anonymous_sessions", "marts.payment_errors", 1),
        ("anonymous_sessions", "marts.community_visits", 1),
        ("anonymous_sessions", "marts.sessions", 1),
        ("anonymous_sessions", "marts.visitors", 1),
        ("signed_in_sessions", "marts.page_views", 1),
        ("signed_in_sessions", "marts.commerce_events", 1),
        ("signed_in_sessions", "marts.checkouts", 1),
        ("signed_in_sessions", "marts.orders", 1),
        ("signed_in_sessions", "marts.payment_errors", 1),
        ("signed_in_sessions", "marts.community_visits", 1),
        ("signed_in_sessions", "marts.sessions", 1),
        ("signed_in_sessions", "marts.visitors", 1),
        ("daily_tables", "marts.daily_stats", 1),
        ("daily_tables", "marts.daily_page_stats", 1),
        ("daily_tables", "marts.daily_event_stats", 1),
        ("daily_tables", "marts.daily_property_stats", 1),
        ("daily_tables", "marts.daily_visitor_sketches", 1),
        ("daily_tables", "marts.visitor_sketches", 1),
        ("raw_events", "raw.visitor_hashes", 1),
        ("daily_tables", "marts.daily_traffic", 1),
        ("daily_tables", "marts.daily_devices", 1),
        ("daily_tables", "marts.daily_funnel", 1),
        ("daily_tables", "marts.daily_retention", 1),
        ("daily_tables", "marts.daily_goals", 1),
        ("daily_tables", "marts.daily_funnels", 1),
        ("daily_tables", "marts.community_visits_daily", 1),
    }
    done = prune(engine, settings, marts, confirmed=today)
    assert [(found.relation, found.rows) for found in done] == [(found.relation, found.rows) for found in said]


def test_before_the_first_publication_there_is_nothing_to_prune_in_marts(engine, settings):
    assert {found.rows for found in prune(engine, settings, ())} == {0}


@pytest.mark.parametrize(("name", "days"), [("raw_events", 0), ("raw_events", -1), ("raw_event", 5)])
def test_a_policy_that_cannot_be_is_refused(engine, name, days):
    with engine.begin() as connection, pytest.raises(RetentionError, match=r"raw_events|at least 1 day"):
        set_policy(connection, name, days)


def test_a_published_table_that_no_model_describes_any_more_is_refused_and_all_else_is_pruned(
    engine, settings, today, marts
):
    keep(engine, anonymous_sessions=10)
    put_row(engine, "anonymous sessions", today - 11 * DAY)
    others = [mart for mart in marts if mart.name != "identities"]
    with pytest.raises(RetentionError, match=r"marts\.identities: no model decides any more"):
        prune(engine, settings, others)
    assert rows(engine, "select count(*) from marts.sessions") == [(0,)]


# Late events -------------------------------------------------------------------------------------


def test_a_late_event_for_a_pruned_day_is_too_old_and_the_day_stays_gone(engine, landing, settings, today):
    keep(engine, raw_events=90)
    change(engine, "insert into ops.sites (site_id) values ('shop')")
    put_event(engine, today - 91 * DAY)
    prune(engine, settings, ())
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    Landing(landing).land(event(at - 91 * DAY), event(at - 90 * DAY))
    report = load_sealed(engine, landing, None, landing.parent / "contact_key", 1)
    assert (report.loaded, report.rejected) == (1, 1)
    assert rows(engine, "select reason from raw.rejects") == [("too_old",)]
    assert partitions(engine) == [today - 90 * DAY]
    assert rows(engine, "select event_date from ops.dirty_days") == [(today - 90 * DAY,)]


def test_a_day_a_load_is_writing_to_is_left_for_the_next_time(engine, settings, today, monkeypatch):
    monkeypatch.setattr(raw_days, "LOAD_PATIENCE_SECONDS", 0.2)
    keep(engine, raw_events=90)
    for age in (91, 92):
        put_event(engine, today - age * DAY)
    with engine.begin() as load:
        load.execute(text(f"lock table raw.{partition_name(today - 92 * DAY)} in row exclusive mode"))
        prune(engine, settings, ())
        assert partitions(engine) == [today - 92 * DAY]
    assert rows(engine, "select event_date from ops.frozen_days") == [(today - 91 * DAY,)]
    prune(engine, settings, ())
    assert partitions(engine) == []


# Interruptions -----------------------------------------------------------------------------------


def test_a_run_killed_between_detaching_and_dropping_is_taken_up(engine, settings, today):
    keep(engine, raw_events=90)
    day = today - 91 * DAY
    put_event(engine, day)
    change(engine, "insert into ops.frozen_days (event_date) values (:day)", day=day)
    change(engine, f"alter table raw.events detach partition raw.{partition_name(day)}")
    found, _ = prune(engine, settings, ())
    assert (found.relation, found.rows) == (f"raw.{partition_name(day)}", 1)
    assert partitions(engine) == []


def test_a_detach_that_was_interrupted_is_finalised(engine, settings, today):
    keep(engine, raw_events=90)
    day = today - 91 * DAY
    put_event(engine, day)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(text("select count(*) from raw.events"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as killed:
            killed.execute(text("set statement_timeout = '300ms'"))
            with pytest.raises(DBAPIError, match="statement timeout"):
                killed.execute(text(f"alter table raw.events detach partition raw.{partition_name(day)} concurrently"))
            killed.invalidate()
    assert rows(engine, "select inhdetachpending from pg_inherits where inhparent = 'raw.events'::regclass") == [
        (True,)
    ]
    prune(engine, settings, ())
    assert partitions(engine) == []
    assert rows(engine, "select event_date from ops.frozen_days") == [(day,)]


def test_a_file_whose_removal_was_interrupted_is_removed_whole_the_next_time(engine, landing, settings, today):
    keep(engine, landed_files=7)
    put_file(engine, landing, "old", 8)
    (landing / "loaded" / "old.json").unlink()
    prune(engine, settings, (), confirmed=today)
    assert list((landing / "loaded").iterdir()) == []


def test_two_runs_at_once_prune_everything_once(engine, landing, settings, today):
    keep(engine, raw_events=90, landed_files=7)
    for age in range(91, 103):
        put_event(engine, today - age * DAY)
        put_file(engine, landing, f"old-{age}", 8)
    results, errors = [], []

    def run():
        try:
            results.extend(prune(engine, settings, (), confirmed=today))
        except Exception as error:
            errors.append(error)

    runs = [threading.Thread(target=run) for _ in range(2)]
    for started in runs:
        started.start()
    for started in runs:
        started.join()
    assert errors == []
    dropped = [found.relation for found in results if found.relation.startswith("raw.events_")]
    assert len(dropped) == len(set(dropped)) == 12
    assert sum(found.rows for found in results if found.policy == "landed_files") == 12
    assert partitions(engine) == []


# Readers -----------------------------------------------------------------------------------------


def test_readers_keep_their_version_and_new_ones_do_not_wait_while_a_prune_waits_for_an_old_one(
    engine, settings, today, marts
):
    keep(engine, raw_events=90, anonymous_sessions=90)
    put_event(engine, today - 91 * DAY)
    put_event(engine, today)
    put_row(engine, "anonymous sessions", today - 91 * DAY)
    pruning = threading.Thread(target=prune, args=(engine, settings, marts))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as old_reader:
        assert old_reader.execute(text("select count(*) from raw.events")).scalar() == 2
        pruning.start()
        waits = []
        for _ in range(20):
            started = time.monotonic()
            rows(engine, "select count(*) from raw.events")
            rows(engine, "select count(*) from marts.sessions")
            waits.append(time.monotonic() - started)
            time.sleep(0.05)
        assert pruning.is_alive()
        assert max(waits) < 1
        assert old_reader.execute(text("select count(*) from raw.events")).scalar() == 2
        assert old_reader.execute(text("select count(*) from marts.sessions")).scalar() == 1
    pruning.join(timeout=30)
    assert not pruning.is_alive()
    assert partitions(engine) == [today]
    assert rows(engine, "select count(*) from marts.sessions") == [(0,)]


def test_a_load_does_not_wait_for_a_prune_that_waits_for_a_reader(engine, landing, settings, today):
    keep(engine, raw_events=90)
    with engine.begin() as connection:
        add_site(connection, "shop")
    put_event(engine, today - 91 * DAY)
    pruning = threading.Thread(target=prune, args=(engine, settings, ()))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as old_reader:
        old_reader.execute(text("select count(*) from raw.events"))
        pruning.start()
        while not rows(engine, "select 1 from ops.frozen_days"):
            time.sleep(0.02)
        time.sleep(0.2)
        Landing(landing).land(event(datetime.now(UTC)))
        started = time.monotonic()
        assert load_sealed(engine, landing, None, landing.parent / "contact_key", 1).loaded == 1
        assert time.monotonic() - started < 3
        assert pruning.is_alive()
    pruning.join(timeout=30)
    assert not pruning.is_alive()


def test_no_reader_waits_a_second_while_days_of_all_kinds_go(engine, settings, today, marts):
    """Short readers one after the other, and one that keeps its old version, through a whole prune."""
    keep(engine, raw_events=90, ip_addresses=30, anonymous_sessions=90, signed_in_sessions=90, daily_tables=90)
    for age in (*range(85, 97), 40):
        put_event(engine, today - age * DAY, ip="203.0.113.7")
        for kind in ROWS:
            put_row(engine, kind, today - age * DAY)
    relations = sorted({into.split()[0] for _, into, _ in ROWS.values()} | {"raw.events"})
    pruning, ended, waits, faults = (
        threading.Thread(target=prune, args=(engine, settings, marts)),
        threading.Event(),
        [],
        [],
    )

    def read():
        while not ended.is_set():
            for relation in relations:
                started = time.monotonic()
                try:
                    rows(engine, f"select count(*) from {relation}")
                except DBAPIError as fault:
                    faults.append(fault)
                waits.append(time.monotonic() - started)

    readers = [threading.Thread(target=read) for _ in range(2)]
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as old_reader:
        before = [old_reader.execute(text(f"select count(*) from {relation}")).scalar() for relation in relations]
        for started in (pruning, *readers):
            started.start()
        pruning.join(timeout=1.5)
        assert pruning.is_alive()
        assert [
            old_reader.execute(text(f"select count(*) from {relation}")).scalar() for relation in relations
        ] == before
    pruning.join(timeout=60)
    ended.set()
    for reader in readers:
        reader.join()
    assert not pruning.is_alive()
    assert faults == []
    assert len(waits) > 100
    assert max(waits) < 1
    assert partitions(engine) == [today - age * DAY for age in (90, 89, 88, 87, 86, 85, 40)]
