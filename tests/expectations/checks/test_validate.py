"""Great Expectations, as we run it, on real tables: a check that cannot be carried out has failed."""

import os
import sys
import time

import pytest
from sqlalchemy import create_engine, text

from expectations.checks.check import Check, Suite, between, never_null, no_rows, not_negative, unique
from expectations.checks.result import GateError
from expectations.checks.validate import SAMPLE_ROWS, validate
from tests.support.database import rows
from tests.support.ingestion.running_collector import wait_until

PAGES = Suite(
    mart="pages",
    key=("site_id", "page_id"),
    checks=(
        *never_null("title"),
        between("views", 0, 500),
        unique("site_id", "page_id"),
        no_rows("titles_are_short", "No title is long", "select page_id from audit.pages where length(title) > 9"),
    ),
)
OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@pytest.fixture
def pages(database_url):
    run(database_url, "create table audit.pages (site_id text, page_id int, title text, views int)")
    run(
        database_url,
        "insert into audit.pages select 'shop', n, 'page ' || n, n from generate_series(1, 500) as n",
    )
    return database_url


def run(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def failures(results):
    return {result.name: result for result in results if not result.passed}


def test_a_sound_mart_passes_every_check(pages):
    results = validate(pages, [PAGES])
    assert [(result.mart, result.name) for result in results] == [("pages", check.name) for check in PAGES.checks]
    assert all(result.passed and result.reason is None for result in results)


def test_a_failed_check_counts_and_samples_the_offending_rows(pages):
    run(pages, "update audit.pages set views = 501 where page_id <= 30")
    run(pages, "update audit.pages set title = 'a title too long' where page_id in (7, 8)")
    failed = failures(validate(pages, [PAGES]))
    assert set(failed) == {"views_is_in_range", "titles_are_short"}
    assert failed["views_is_in_range"].observed == "30 of 500 rows"
    assert failed["views_is_in_range"].failing_rows[0] == {"site_id": "shop", "page_id": 1, "views": 501}
    assert len(failed["views_is_in_range"].failing_rows) == SAMPLE_ROWS
    assert failed["titles_are_short"].observed == "2 rows"
    assert failed["titles_are_short"].failing_rows == [{"page_id": 7}, {"page_id": 8}]


def test_a_null_is_sampled_with_the_key_of_its_row(pages):
    run(pages, "update audit.pages set title = null where page_id = 7")
    failed = failures(validate(pages, [PAGES]))
    assert failed["title_is_known"].failing_rows == [{"site_id": "shop", "page_id": 7, "title": None}]


def test_a_missing_column_fails_its_checks_and_no_others(pages):
    run(pages, "alter table audit.pages drop column views")
    failed = failures(validate(pages, [PAGES]))
    assert set(failed) == {"views_is_in_range"}
    assert "views" in failed["views_is_in_range"].error


def test_a_column_check_that_crashes_does_not_take_along_those_that_share_its_statement(pages):
    run(pages, "alter table audit.pages rename to stored_pages")
    run(pages, "create view audit.pages as select *, 1 / (views - 3) as inverse from audit.stored_pages")
    suite = Suite("pages", PAGES.key, (*not_negative("inverse"), *PAGES.checks))
    failed = failures(validate(pages, [suite]))
    assert set(failed) == {"inverse_is_not_negative"}
    assert "division by zero" in failed["inverse_is_not_negative"].reason


def test_a_missing_table_fails_all_its_checks_and_those_of_no_other_mart(pages):
    nowhere = Suite("nowhere", ("site_id", "page_id"), PAGES.checks)
    failed = [result for result in validate(pages, [nowhere, PAGES]) if not result.passed]
    assert [(result.mart, result.name) for result in failed] == [("nowhere", check.name) for check in PAGES.checks]
    assert all("does not exist" in result.reason for result in failed)


def test_a_query_that_crashes_has_failed_with_the_error_as_its_reason(pages):
    broken = no_rows("broken", "Never mind", "select nonsense from audit.pages")
    failed = failures(validate(pages, [Suite("pages", ("site_id", "page_id"), (*PAGES.checks, broken))]))
    assert set(failed) == {"broken"}
    assert 'column "nonsense" does not exist' in failed["broken"].reason


def test_a_query_that_finds_nothing_runs_once(pages):
    run(pages, "create table audit.rarities (page_id int)")
    query = no_rows("none", "There are none", "select page_id from audit.rarities")
    assert failures(validate(pages, [Suite("pages", PAGES.key, (query,))])) == {}
    engine = create_engine(pages)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        scans, deadline = 0, time.monotonic() + 30
        while not scans and time.monotonic() < deadline:  # Statistics come after the end of the connection they are of.
            time.sleep(0.05)
            scans = connection.scalar(text("select pg_stat_get_numscans('audit.rarities'::regclass)"))
    engine.dispose()
    assert scans == 1


def test_a_check_that_great_expectations_does_not_accept_has_failed_and_the_others_are_still_reported(pages):
    misnamed = Check("misnamed", "Never mind", "ExpectMiracles", {})
    failed = failures(validate(pages, [Suite("pages", PAGES.key, (misnamed, *PAGES.checks))]))
    assert set(failed) == {"misnamed"}


def test_a_check_that_takes_too_long_has_failed_and_the_others_are_still_reported(pages):
    slow = no_rows("slow", "It is quick", "select page_id from audit.pages where pg_sleep(60) is null and page_id = 1")
    failed = failures(
        validate(pages, [Suite("pages", ("site_id", "page_id"), (slow, *PAGES.checks))], timeout_seconds=0.5)
    )
    assert set(failed) == {"slow"}
    assert "statement timeout" in failed["slow"].reason


def test_a_query_is_passed_on_as_it_is(pages):
    query = """select '{batch} {0} } ${WAREHOUSE} :name \\ 10 % %s ;' as literal, 1::text as number"""
    failed = failures(validate(pages, [Suite("pages", PAGES.key, (no_rows("literal", "None", query),))]))
    assert failed["literal"].failing_rows == [
        {"literal": "{batch} {0} } ${WAREHOUSE} :name \\ 10 % %s ;", "number": "1"}
    ]


def test_a_check_cannot_write(pages):
    run(
        pages,
        "create function audit.spoil() returns int language sql as 'delete from audit.pages returning 1'",
    )
    spoil = no_rows("spoil", "It only reads", "select audit.spoil() from audit.pages")
    failed = failures(validate(pages, [Suite("pages", ("site_id", "page_id"), (spoil,))]))
    assert "read-only" in failed["spoil"].reason


def test_a_mart_wrong_throughout_is_counted_up_to_a_limit(pages):
    run(pages, "insert into audit.pages select 'shop', n, 'page', 1 from generate_series(501, 3000) as n")
    many = no_rows("many", "There are none", "select page_id from audit.pages")
    failed = failures(validate(pages, [Suite("pages", ("site_id", "page_id"), (many,))]))
    assert failed["many"].observed == "1,000 rows or more"
    assert len(failed["many"].failing_rows) == SAMPLE_ROWS


@pytest.mark.parametrize("suites", [[], [Suite("pages", ("site_id", "page_id"), ())], [PAGES, Suite("pages", (), ())]])
def test_a_suite_without_checks_is_an_error_and_no_pass(pages, suites):
    with pytest.raises(GateError, match="no checks"):
        validate(pages, suites)


def test_an_unreachable_database_is_an_error_and_no_pass(database_url):
    with pytest.raises(GateError):
        validate(database_url.set(database="nowhere"), [PAGES])


def test_great_expectations_that_cannot_be_imported_is_an_error_and_no_pass(pages, monkeypatch):
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    with pytest.raises(GateError, match="does not run"):
        validate(pages, [PAGES])


def test_a_password_with_a_dollar_sign_is_taken_as_it_is(pages):
    run(pages, "create role dollar login superuser password 'pa$$word$ {x} %'")
    try:
        assert all(
            result.passed for result in validate(pages.set(username="dollar", password="pa$$word$ {x} %"), [PAGES])
        )
    finally:
        run(pages, "drop role dollar")


def test_no_connection_is_left_behind(pages):
    engine = create_engine(pages)
    validate(pages, [PAGES])
    # The server ends a connection a moment after its client has.
    wait_until(lambda: rows(engine, OTHERS) == [(0,)])
    engine.dispose()


def test_nothing_is_written_to_disk(pages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    validate(pages, [PAGES])
    assert os.listdir(tmp_path) == []
