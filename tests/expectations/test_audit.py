"""The record that publish asks for: passed only when every expected check reported that it passed."""

import json
import uuid

import pytest
from sqlalchemy import create_engine, text

import expectations.audit
from expectations.audit import audit
from expectations.checks.check import Suite, never_null, no_rows
from expectations.checks.result import CheckResult, GateError

PAGES = Suite(
    mart="pages",
    key=("site_id", "page_id"),
    checks=(
        *never_null("title"),
        no_rows("titles_are_short", "No title is long", "select page_id from audit.pages where length(title) > 9"),
    ),
)


@pytest.fixture
def engine(database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("create table audit.pages (site_id text, page_id int, title text)"))
        connection.execute(text("insert into audit.pages select 'shop', n, 'page ' || n from generate_series(1, 9) n"))
    yield engine
    engine.dispose()


@pytest.fixture
def candidate_id(engine):
    candidate_id = uuid.uuid4()
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.candidates (candidate_id, first_date, last_date, mark_ids, code_version, state)"
                " values (:candidate_id, '2026-11-09', '2026-11-10', '{}', 'abc', 'built')"
            ),
            {"candidate_id": candidate_id},
        )
    return candidate_id


def recorded(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def stub(monkeypatch, results):
    monkeypatch.setattr(expectations.audit, "validate", lambda *_: results)


def passing(name, mart="pages"):
    return CheckResult(mart, name, name, passed=True)


def test_an_audit_that_passes_is_recorded_with_every_check(engine, candidate_id):
    found = audit(engine, candidate_id, "f00d", [PAGES])
    assert found.passed
    assert found.failed == []
    assert recorded(
        engine,
        "select audit_id, candidate_id, fingerprint, passed, expectation_count, failed_count from ops.audits",
    ) == [(found.audit_id, candidate_id, "f00d", True, 2, 0)]
    assert recorded(
        engine, "select mart, expectation, passed, observed, failing_rows from ops.check_results order by 2"
    ) == [("pages", "title_is_known", True, None, None), ("pages", "titles_are_short", True, None, None)]


def test_an_audit_that_fails_is_recorded_with_reason_and_rows(engine, candidate_id):
    with engine.begin() as connection:
        connection.execute(text("update audit.pages set title = 'a title too long' where page_id = 7"))
    found = audit(engine, candidate_id, "f00d", [PAGES])
    assert not found.passed
    assert [result.name for result in found.failed] == ["titles_are_short"]
    assert recorded(engine, "select passed, expectation_count, failed_count from ops.audits") == [(False, 2, 1)]
    assert recorded(engine, "select expectation, observed, failing_rows from ops.check_results where not passed") == [
        ("titles_are_short", "1 row", [{"page_id": 7}])
    ]


def test_auditing_twice_records_two_audits(engine, candidate_id):
    first = audit(engine, candidate_id, "f00d", [PAGES])
    second = audit(engine, candidate_id, "f00d", [PAGES])
    assert second.audit_id > first.audit_id
    assert recorded(engine, "select count(*) from ops.check_results") == [(4,)]


def test_a_check_that_does_not_report_has_failed(engine, candidate_id, monkeypatch):
    stub(monkeypatch, [passing("title_is_known")])
    found = audit(engine, candidate_id, "f00d", [PAGES])
    assert not found.passed
    assert [(result.name, result.reason) for result in found.failed] == [
        ("titles_are_short", "no result was reported for this check")
    ]


def test_results_of_other_checks_do_not_make_up_for_a_missing_one(engine, candidate_id, monkeypatch):
    stub(
        monkeypatch,
        [passing("title_is_known"), passing("something_else"), passing("titles_are_short", "visits")],
    )
    assert [result.name for result in audit(engine, candidate_id, "f00d", [PAGES]).failed] == ["titles_are_short"]


def test_a_check_that_reports_twice_has_failed(engine, candidate_id, monkeypatch):
    stub(monkeypatch, [passing("title_is_known"), passing("titles_are_short"), passing("titles_are_short")])
    assert [result.name for result in audit(engine, candidate_id, "f00d", [PAGES]).failed] == ["titles_are_short"]


def test_no_results_at_all_is_no_pass(engine, candidate_id, monkeypatch):
    stub(monkeypatch, [])
    assert len(audit(engine, candidate_id, "f00d", [PAGES]).failed) == 2


def test_when_the_check_tool_crashes_every_check_has_failed_with_the_crash_as_its_reason(
    engine, candidate_id, monkeypatch
):
    def crash(*_):
        raise GateError("Great Expectations does not run: out of memory")

    monkeypatch.setattr(expectations.audit, "validate", crash)
    found = audit(engine, candidate_id, "f00d", [PAGES])
    assert [result.reason for result in found.results] == ["Great Expectations does not run: out of memory"] * 2
    assert recorded(engine, "select passed, failed_count from ops.audits") == [(False, 2)]


@pytest.mark.parametrize("suites", [[], [Suite("pages", ("page_id",), ())]])
def test_without_checks_nothing_is_recorded(engine, candidate_id, suites):
    with pytest.raises(GateError, match="no checks"):
        audit(engine, candidate_id, "f00d", suites)
    assert recorded(engine, "select count(*) from ops.audits") == [(0,)]


def test_one_empty_suite_among_others_is_no_pass(engine, candidate_id):
    found = audit(engine, candidate_id, "f00d", [PAGES, Suite("visits", ("page_id",), ())])
    assert not found.passed
    assert "empty suite" in found.failed[0].reason


def test_an_unknown_candidate_is_refused_and_nothing_is_recorded(engine):
    with pytest.raises(GateError, match="no candidate"):
        audit(engine, uuid.uuid4(), "f00d", [PAGES])
    assert recorded(engine, "select count(*) from ops.audits") == [(0,)]


def test_whatever_a_row_holds_is_recorded_as_json(engine, candidate_id):
    values = "'NaN'::float8 as nan, 1.50 as amount, now() as at, 'x'::bytea as bytes, array[1] as list, '1s'::interval"
    every = Suite("pages", PAGES.key, (no_rows("every", "None", f"select page_id, {values} from audit.pages"),))
    audit(engine, candidate_id, "f00d", [every])
    ((rows,),) = recorded(engine, "select failing_rows from ops.check_results")
    assert len(rows) == 9
    assert json.dumps(rows, allow_nan=False)
    assert (rows[0]["nan"], rows[0]["amount"], rows[0]["list"]) == ("nan", "1.50", [1])
