"""Every check passes on a world that is right, fails on the one thing it is there to find, and so closes the gate."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

import expectations.audit
from expectations.audit import audit
from expectations.checks.result import CheckResult, GateError
from expectations.checks.validate import validate
from expectations.suites import suites_of
from tests.support.marts.contracts import MARTS, SUITES
from warehouse.publication.publish import PublishRefused, publish
from warehouse.publication.slices import current_candidate
from warehouse.tables.contracts import read_marts

QUERIES = {(suite.mart, check.name) for suite in SUITES for check in suite.checks if check.is_query}
ONE_SESSION = "(select max(session_id) from audit.sessions where not is_bot)"

VIOLATIONS = {
    ("events", "are_those_of_the_sessions"): "delete from audit.events where position = 1",
    ("event_properties", "each_value_has_a_row"): "update audit.event_properties set value = 'x'",
    ("daily_retention", "new_visitors_are_those_of_the_day"): "update audit.daily_retention set visitor_count = 0",
    ("daily_property_stats", "each_property_of_a_day_is_counted"): "delete from audit.daily_property_stats",
    ("daily_goals", "parts_do_not_exceed_the_whole"): "update audit.daily_goals set visitor_count = session_count + 1",
    ("daily_goals", "each_event_of_a_goal_is_counted"): "delete from audit.daily_goals",
    (
        "daily_funnels",
        "no_step_is_reached_by_more",
    ): "update audit.daily_funnels set reached = 99 where step_number = 2",
    ("daily_funnels", "who_takes_the_first_step_enters"): "delete from audit.daily_funnels",
    ("sessions", "ends_after_it_starts"): "update audit.sessions set ended_at = started_at - interval '1 s'",
    ("sessions", "duration_is_end_minus_start"): "update audit.sessions set duration_seconds = 719",
    ("sessions", "is_dated_by_its_start"): "update ops.sites set timezone = 'Asia/Kathmandu'",
    (
        "sessions",
        "engaged_means_two_of_three",
    ): "update audit.sessions set is_engaged_by_clicks = is_engaged_by_time"
    ", is_engaged_by_time = false, is_engaged_by_scroll = false",
    ("sessions", "page_views_are_events"): "update audit.sessions set page_view_count = event_count + 1",
    ("sessions", "anonymous_means_no_user"): "update audit.sessions set user_id = 'x' where user_id is null",
    ("sessions", "bots_have_a_reason"): "update audit.sessions set bot_reason = null",
    ("sessions", "conversations_have_a_message"): "update audit.sessions set had_conversation = false",
    ("sessions", "bounces_are_single_views"): "update audit.sessions set is_bounce = true",
    ("sessions", "sign_ins_lie_within"): "update audit.sessions set signed_up_at = started_at",
    ("sessions", "addresses_are_masked"): "update audit.sessions set ip_masked = '203.0.113.7'",
    ("sessions", "do_not_overlap"): "insert into audit.sessions select * from audit.sessions limit 1",
    (
        "sessions",
        "do_not_overlap_what_stays_published",
    ): "insert into marts.sessions select * from audit.sessions",
    ("sessions", "every_event_is_in_one_session"): "update audit.sessions set event_count = event_count - 1"
    f" where session_id = {ONE_SESSION}",
    ("sessions", "rows_are_there_where_due"): "truncate audit.sessions",
    ("sessions", "are_as_fresh_as_raw"): "delete from audit.sessions where started_at > '2026-11-10 20:00Z'",
    ("sessions", "raw_holds_what_the_ledger_loaded"): "update raw.events set file_id = 2",
    (
        "page_views",
        "ends_after_it_starts",
    ): "update audit.page_views set exited_at = entered_at - interval '1 s'",
    ("page_views", "duration_is_end_minus_start"): "update audit.page_views set duration_seconds = 1",
    (
        "page_views",
        "lie_within_their_session",
    ): "update audit.page_views set exited_at = exited_at + interval '1 h'",
    ("page_views", "are_as_many_as_page_views"): "delete from audit.page_views where is_exit",
    (
        "page_views",
        "are_anonymous_until_the_user_is_known",
    ): "update audit.page_views set is_anonymous = not is_anonymous where position = 2",
    ("visitors", "are_last_seen_after_first"): "update audit.visitors set last_seen_at = '2026-11-01'",
    ("visitors", "span_their_sessions"): "delete from audit.visitors where visitor_id = 'device-01'",
    ("identities", "end_after_they_start"): "update audit.identities set to_at = from_at - interval '1 s'",
    ("identities", "do_not_overlap"): "insert into audit.identities"
    " select site_id, visitor_id, 'another', from_at + interval '1 h', null, session_id || 'x' from audit.identities",
    ("conversions", "are_the_first_identity"): "update audit.conversions set user_id = 'another'",
    (
        "conversions",
        "were_anonymous_before",
    ): "with seen as (update audit.visitors set first_seen_at = last_seen_at)"
    " update audit.conversions set anonymous_session_count = 0",
    ("commerce_events", "amount_and_currency_go_together"): "update audit.commerce_events set currency = 'eur'",
    ("commerce_events", "have_the_ids_they_need"): "update audit.commerce_events set order_id = null",
    (
        "commerce_events",
        "lie_within_their_session",
    ): "update audit.commerce_events set occurred_at = occurred_at + interval '1 h'",
    (
        "commerce_events",
        "are_as_many_as_the_sessions_count",
    ): "delete from audit.commerce_events where event_name = 'payment_failed'",
    ("checkouts", "amount_and_currency_go_together"): "update audit.checkouts set currency = null",
    ("checkouts", "ends_after_it_starts"): "update audit.checkouts set succeeded_at = ended_at + interval '1 s'",
    ("checkouts", "status_follows_from_what_happened"): "update audit.checkouts set status = 'failed'",
    (
        "checkouts",
        "recovered_means_an_error_before_the_success",
    ): "update audit.checkouts set is_recovered = false",
    ("checkouts", "every_event_has_its_checkout"): "delete from audit.checkouts where is_bot",
    ("orders", "amount_and_currency_go_together"): "update audit.orders set amount = null",
    ("orders", "every_report_has_its_order"): "update audit.orders set ordered_at = ordered_at + interval '1 s'",
    ("payment_errors", "amount_and_currency_go_together"): "update audit.payment_errors set currency = null",
    ("payment_errors", "what_follows_comes_after"): "update audit.payment_errors set retried_at = null",
    ("payment_errors", "add_up_to_their_checkouts"): "delete from audit.payment_errors where is_bot",
    ("daily_stats", "orders_are_those_of_the_mart"): "update audit.orders set amount = 24",
    (
        "daily_stats",
        "payment_failures_are_those_of_the_events",
    ): "update audit.daily_stats set payment_failures = 9",
    (
        "daily_funnel",
        "completed_and_abandoned_are_all",
    ): "update audit.daily_funnel set abandoned = abandoned + 1",
    ("daily_funnel", "visits_are_the_days_sessions"): "update audit.daily_funnel set entered = 99",
    ("daily_funnel", "each_step_is_within_the_one_before"): "update audit.daily_funnel set reached = step_number",
    ("daily_stats", "parts_do_not_exceed_the_whole"): "update audit.daily_stats set engaged_sessions = 99",
    ("daily_stats", "devices_are_all"): "update audit.daily_stats set tv_sessions = 1",
    ("daily_stats", "new_and_returning_are_all"): "update audit.daily_stats set new_users = 1",
    ("daily_stats", "rates_follow_from_their_parts"): "update audit.daily_stats set conversion_rate = 1",
    ("daily_stats", "totals_are_those_of_the_sessions"): "update audit.sessions set is_engaged = false"
    f" where session_id = {ONE_SESSION}",
    ("daily_stats", "volume_is_usual"): "update marts.daily_stats set session_count = 1000",
    (
        "daily_page_stats",
        "parts_do_not_exceed_the_whole",
    ): "update audit.daily_page_stats set bounce_count = entry_count + 1",
    (
        "daily_page_stats",
        "views_add_up_to_the_days",
    ): "delete from audit.daily_page_stats where page_path = '/'",
    (
        "daily_event_stats",
        "parts_do_not_exceed_the_whole",
    ): "update audit.daily_event_stats set visitor_count = session_count + 1",
    (
        "daily_event_stats",
        "events_add_up_to_the_sessions",
    ): "delete from audit.daily_event_stats where event_name = 'message_sent'",
    (
        "daily_traffic",
        "parts_do_not_exceed_the_whole",
    ): "update audit.daily_traffic set conversion_count = session_count + 1",
    (
        "daily_traffic",
        "sessions_add_up_to_the_days",
    ): "update audit.daily_traffic set new_visitor_count = new_visitor_count - 1",
    (
        "daily_traffic",
        "conversions_are_those_of_the_mart",
    ): "delete from audit.conversions where visitor_id = 'device-05'",
    (
        "daily_devices",
        "parts_do_not_exceed_the_whole",
    ): "update audit.daily_devices set visitor_count = session_count + 1",
    (
        "daily_devices",
        "sessions_add_up_to_the_days",
    ): "update audit.daily_devices set session_count = session_count + 1",
    (
        "community_visits",
        "lie_within_their_session",
    ): "update audit.community_visits set occurred_at = occurred_at - interval '1 h'",
    ("community_visits", "are_as_many_as_the_events"): "delete from audit.community_visits where is_bot",
    (
        "community_visits",
        "divisions_differ_where_it_is_said",
    ): "update audit.community_visits set visitor_division_id = null",
    (
        "community_visits_daily",
        "parts_do_not_exceed_the_whole",
    ): "update audit.community_visits_daily set cross_division_visitor_count = 1, cross_division_visit_count = 0",
    (
        "community_visits_daily",
        "signed_in_and_anonymous_are_all",
    ): "update audit.community_visits_daily set signed_in_share = 49.99",
    (
        "community_visits_daily",
        "visits_add_up_to_the_days",
    ): "update audit.community_visits_daily set visit_count = visit_count + 1",
    (
        "daily_visitor_sketches",
        "stand_for_the_days_visitors",
    ): "update audit.daily_visitor_sketches set least_hashes = least_hashes[2:] where dimension = 'all'",
    (
        "visitor_sketches",
        "hold_their_days",
    ): "delete from audit.visitor_sketches where period = 'week' and dimension = 'channel'",
    ("customer_days", "moments_are_in_order"): "update audit.customer_days set last_login_at = '2026-11-01'",
    ("customer_days", "devices_do_not_exceed_the_sessions"): "update audit.customer_days set browsers = '{\"x\": 2}'",
    ("customer_days", "last_orders_are_there_where_counted"): "update audit.customer_days set order_count = 1",
    (
        "customer_days",
        "totals_are_those_of_the_sessions",
    ): "delete from audit.customer_days where user_id = 'user-05'",
    (
        "customer_days",
        "orders_are_those_of_the_mart",
    ): "update audit.customer_days set booking_count = booking_count + 1",
    ("customers", "are_last_seen_after_first"): "update audit.customers set last_seen_at = '2026-01-01'",
    (
        "customers",
        "totals_are_those_of_the_days",
    ): "update audit.customers set session_count = 10 where user_id = 'user-00'",
}


def run(url, *statements):
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def failures(url, *names):
    """Names of failed checks, with the result; of all suites, or of only these (mart, check)."""
    results = validate(url, only(*names) if names else SUITES)
    return {(result.mart, result.name): result for result in results if not result.passed}


def only(*names):
    """The suites with only these checks, by (mart, check)."""
    wanted = [
        replace(suite, checks=tuple(check for check in suite.checks if (suite.mart, check.name) in names))
        for suite in SUITES
    ]
    return [suite for suite in wanted if suite.checks]


def test_a_world_that_is_right_passes_every_check(candidate):
    assert {name: result.reason for name, result in failures(candidate).items()} == {}


def test_every_mart_of_the_project_has_a_suite_with_its_own_key(parsed_project):
    marts = read_marts(parsed_project / "manifest.json")
    assert marts == MARTS
    assert {suite.mart: suite.key for suite in SUITES} == {mart.name: mart.primary_key for mart in marts}


def test_each_promise_of_a_contract_is_a_check():
    checks = {(suite.mart, check.name) for suite in SUITES for check in suite.checks}
    for mart in MARTS:
        promised = {"key_is_unique"}
        for column in mart.columns:
            promised |= {f"{column.name}_is_known"} if column.is_required else set()
            promised |= {f"{column.name}_is_one_of_the_known"} if column.rules.values else set()
        assert promised <= {name for known, name in checks if known == mart.name}, mart.name
        for column in mart.columns:
            limited = {f"{column.name}_is_not_negative", f"{column.name}_is_in_range"}
            assert len(limited & {name for known, name in checks if known == mart.name}) == column.is_number


def test_checks_of_what_is_no_mart_are_refused():
    with pytest.raises(GateError, match="checks of orders, which is no mart"):
        suites_of([mart for mart in MARTS if mart.name != "orders"])


def test_every_query_has_a_violation():
    assert set(VIOLATIONS) == QUERIES


@pytest.mark.parametrize("name", sorted(VIOLATIONS), ids=".".join)
def test_a_violation_is_found_with_the_rows_that_show_it_and_nothing_is_published(candidate, name):
    run(candidate, VIOLATIONS[name])
    (suite,) = only(name)
    with standing_candidate(candidate) as (engine, standing):
        (result,) = audit(engine, standing.candidate_id, "seen", [suite]).failed
        assert_nothing_is_published(engine, standing, "did not pass: 1 of 1")
    assert (result.mart, result.name, result.error) == (*name, None)
    assert result.failing_rows


@contextmanager
def standing_candidate(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        standing = current_candidate(connection)
    yield engine, standing
    engine.dispose()


def assert_nothing_is_published(engine, standing, why):
    with engine.begin() as connection, pytest.raises(PublishRefused, match=why):
        publish(connection, standing, MARTS)


EVERY_EVENT = ("sessions", "every_event_is_in_one_session")
VOLUME = ("daily_stats", "volume_is_usual")
FRESH = ("sessions", "are_as_fresh_as_raw")
LATE_EVENT = (
    "insert into raw.events (site_id, event_date, occurred_at, received_at, client_timestamp, event_id, event_name,"
    " event_category, anonymous_id, collector_id, file_id, line_number) values ('shop', '2026-11-10',"
    " '2026-11-10 23:59Z', now(), now(), 'late', 'page_viewed', 'engagement', 'device-01', 'test', 2, 1)"
)
LATE_MARK = (
    "insert into ops.dirty_days (site_id, event_date, cause, file_id) values ('shop', '2026-11-10', 'events_loaded', 2)"
)
EVE_MARK = "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', '2026-11-09', 'rebuild')"
FORGET_SESSION_FROM_THE_EVE = "delete from audit.sessions where event_date = '2026-11-09'"


def test_an_event_without_a_session_is_found_and_its_visitor_named(candidate):
    run(candidate, f"delete from audit.sessions where session_id = {ONE_SESSION}")
    (row,) = failures(candidate, EVERY_EVENT)[EVERY_EVENT].failing_rows
    assert (row["visitor_id"], row["events_without_session"], row["events_counted"]) == ("device-23", 2, 0)


def test_an_event_that_is_loaded_twice_is_found(candidate):
    run(candidate, "insert into raw.events select * from raw.events where anonymous_id = 'device-01'")
    assert EVERY_EVENT in failures(candidate, EVERY_EVENT)


def test_what_was_loaded_since_the_candidate_was_begun_is_left_to_the_next_build(candidate):
    run(candidate, LATE_EVENT, LATE_MARK)
    assert failures(candidate, EVERY_EVENT, FRESH) == {}


def test_what_was_loaded_before_the_candidate_was_begun_must_be_in_it(candidate):
    run(candidate, LATE_EVENT, LATE_MARK)
    run(candidate, "update ops.candidates set mark_ids = array(select mark_id from ops.dirty_days)")
    assert set(failures(candidate, EVERY_EVENT)) == {EVERY_EVENT}


def test_a_session_from_an_eve_that_is_itself_to_be_built_is_left_to_that_build(candidate):
    run(candidate, FORGET_SESSION_FROM_THE_EVE, EVE_MARK)
    assert failures(candidate, EVERY_EVENT) == {}


def test_a_session_from_a_published_eve_must_be_among_the_candidates(candidate):
    run(candidate, FORGET_SESSION_FROM_THE_EVE)
    assert EVERY_EVENT in failures(candidate, EVERY_EVENT)


def test_an_event_at_the_instant_at_which_the_last_session_ends_may_belong_to_the_next_one(candidate):
    run(
        candidate,
        LATE_EVENT,
        "update raw.events set occurred_at = (select max(ended_at) from audit.sessions where visitor_id = 'device-01')"
        " where event_id = 'late'",
    )
    assert failures(candidate, EVERY_EVENT) == {}


def test_too_few_sessions_are_no_less_unusual_than_too_many(candidate):
    run(candidate, "update audit.daily_stats set session_count = 4 where event_date = '2026-11-10'")
    assert VOLUME in failures(candidate, VOLUME)


@pytest.mark.parametrize(
    "excuse",
    [
        "delete from marts.daily_stats where event_date < '2026-11-04'",
        "update marts.daily_stats set session_count = 19",
        "update audit.slice_days set ends_at = now() + interval '1 h'",
    ],
    ids=["a site with six days of history", "a site with few sessions", "a day that is not over"],
)
def test_no_volume_is_unusual_for(candidate, excuse):
    run(candidate, "update audit.daily_stats set session_count = 0 where event_date = '2026-11-10'", excuse)
    assert failures(candidate, VOLUME) == {}


def violating_value(check):
    """What the column must not hold, as SQL; None where the violation is a second row of the same key."""
    arguments = check.arguments
    match check.expectation:
        case "ExpectColumnValuesToNotBeNull":
            return "null"
        case "ExpectColumnValuesToBeInSet":
            return "'nonsense'"
        case "ExpectColumnValuesToBeBetween":
            return str(arguments["max_value"] + 1) if "max_value" in arguments else "-1"
        case "ExpectCompoundColumnsToBeUnique":
            return None
    raise AssertionError(f"{check.name}: no violation is known of {check.expectation}")


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.mart)
def test_each_column_check_finds_the_one_row_that_violates_it_and_nothing_is_published(candidate, suite, monkeypatch):
    checks = [check for check in suite.checks if not check.is_query]
    run(candidate, f"create table audit.model as select * from audit.{suite.mart} limit 1")
    for number, check in enumerate(checks):
        value = violating_value(check)
        run(
            candidate,
            "create table audit.violation as select * from audit.model",
            f"update audit.violation set site_id = 'site-{number}'",
            f"update audit.violation set {check.arguments['column']} = {value}"
            if value
            else "insert into audit.violation select * from audit.violation",
            f"insert into audit.{suite.mart} select * from audit.violation",
            "drop table audit.violation",
        )
    found = failures(candidate, *((suite.mart, check.name) for check in checks))
    counts = {name: int(found[suite.mart, name].observed.split()[0]) for _, name in found}
    assert counts == {check.name: 1 if violating_value(check) else 2 for check in checks}
    with standing_candidate(candidate) as (engine, standing):
        for result in found.values():
            others = [CheckResult(suite.mart, check.name, check.claim, passed=True) for check in suite.checks]
            verdicts = [result if other.name == result.name else other for other in others]
            monkeypatch.setattr(expectations.audit, "validate", lambda *_, verdicts=verdicts: verdicts)
            audit(engine, standing.candidate_id, "seen", [suite])
            assert_nothing_is_published(engine, standing, f"did not pass: 1 of {len(others)}")
