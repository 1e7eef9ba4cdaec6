"""The gate on a night as dbt built it: if a candidate or a check is wrong, marts stay byte for byte.

What each expectation finds is tested in `tests/expectations`, every other reason to refuse in `tests/warehouse`.
"""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from expectations.audit import audit
from expectations.checks.validate import validate
from footfall.pipeline import candidates, dbt, night
from tests.support.database import rows
from tests.support.installation import contents
from tests.support.marts.candidates import stand_again
from tests.support.marts.contracts import SUITES
from warehouse.postgres.roles import Role
from warehouse.publication.publish import PublishRefused, content, fingerprint, publish
from warehouse.publication.slices import current_candidate
from warehouse.tables.contracts import read_marts

CHANGED = "changed after its check"
ANOTHER = {
    "boolean": "true",
    "date": "2000-01-01",
    "timestamptz": "2000-01-01",
    "text": "another",
    "jsonb": "{}",
    "bigint[]": "{7}",
}
"""What a column of each type may hold where it now has nothing; 7 in one of numbers."""


@pytest.fixture
def marts(morning_after):
    return read_marts(dbt.manifest(morning_after.settings, morning_after.database.roles[Role.TRANSFORMER]))


@pytest.fixture
def standing(morning_after, marts):
    """An installation with a candidate that was built and not yet checked."""
    with morning_after.engine.begin() as connection:
        stand_again(connection, marts)
    return morning_after


@contextmanager
def spoiled(installation, *statements):
    """A transaction in which something is changed, and that never was."""
    with installation.engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        yield connection
        connection.rollback()


@contextmanager
def marts_stay(installation):
    """No other process publishes meanwhile."""
    before, publications = contents(installation), rows(installation.engine, "select count(*) from ops.publications")
    yield
    assert contents(installation) == before
    assert rows(installation.engine, "select count(*) from ops.publications") == publications


def process(installation, *arguments, folder=None, **environment):
    """`footfall …`, started in that folder, whose modules it finds first."""
    given = {
        "FOOTFALL_HOME": str(installation.settings.home),
        "FOOTFALL_DATABASE_URL": installation.database.administrator.render_as_string(hide_password=False),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "footfall", *arguments],
        env=os.environ | given | environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def footfall(installation, *arguments, **given):
    """`footfall …`: exit code and all it said."""
    ran = process(installation, *arguments, **given)
    said, complaint = ran.communicate(timeout=120)
    return ran.returncode, said + complaint


def reasons(installation):
    """Why each failed check of the newest audit failed, by mart and check; how many were carried out in all."""
    newest = "audit_id = (select max(audit_id) from ops.audits)"
    found = rows(
        installation.engine, f"select mart, expectation, passed, observed from ops.check_results where {newest}"
    )
    return {(mart, name): why for mart, name, passed, why in found if not passed}, len(found)


# A candidate that changed after its audit ---------------------------------------------------------


def test_a_candidate_changed_in_any_mart_or_scope_after_its_audit_is_refused(standing, marts):
    """A row lost, and a row doubled, of each of them."""
    assert candidates.check(standing).passed
    with standing.engine.connect() as connection:
        candidate = current_candidate(connection)
    with standing.engine.connect() as control:
        assert publish(control, candidate, marts).days
        control.rollback()
    relations = [f"audit.{mart.name}" for mart in marts]
    relations += sorted({f"intermediate.{mart.replaced_keys}" for mart in marts})
    with marts_stay(standing):
        for relation in relations:
            lost = f"delete from {relation} where ctid = (select min(ctid) from {relation})"
            doubled = f"insert into {relation} select * from {relation} limit 1"
            for change in (lost, doubled):
                with spoiled(standing, change) as spoilt, pytest.raises(PublishRefused, match=CHANGED):
                    publish(spoilt, candidate, marts)
        with standing.engine.begin() as connection:
            connection.execute(text("delete from audit.identities"))
        code, said = footfall(standing, "publish")
        assert (code, CHANGED in said) == (1, True), said


def test_every_column_of_every_mart_is_part_of_what_was_audited(standing, marts):
    for mart in marts:
        table = f"audit.{mart.name}"
        with standing.engine.connect() as connection:
            before = content(connection, "audit", mart)
        for column in mart.columns:
            name, value = column.name, ANOTHER.get(column.data_type, "7")
            optional = f"alter table {table} alter {name} drop not null"
            other = f"case when {name} is null then cast('{value}' as {column.data_type}) end"
            change = f"update {table} set {name} = {other} where ctid = (select min(ctid) from {table})"
            with spoiled(standing, optional, change) as spoilt:
                assert (content(spoilt, "audit", mart) == before) == (name == "is_final"), f"{table}.{name}"


# A check that was not carried out ------------------------------------------------------------------


def test_one_check_that_crashes_closes_the_gate_and_all_others_are_reported(standing):
    with standing.engine.begin() as connection:
        connection.execute(text("alter function raw.visitor_id rename to no_visitor_id"))
    with marts_stay(standing):
        code, said = footfall(standing, "check")
        assert (code, "Every raw event of the days" in said) == (1, True), said
        with pytest.raises(PublishRefused, match="did not pass: 1 of"):
            night.publish(standing)
    failed, carried_out = reasons(standing)
    assert carried_out == sum(len(suite.checks) for suite in SUITES)
    assert set(failed) == {("sessions", "every_event_is_in_one_session")}
    assert "raw.visitor_id" in failed["sessions", "every_event_is_in_one_session"]


def test_a_check_that_waits_too_long_closes_the_gate_and_all_others_are_reported(standing, marts):
    with standing.engine.connect() as connection:
        candidate, seen = current_candidate(connection), fingerprint(connection, marts)
    waiting = ("sessions", "is_dated_by_its_start")
    with marts_stay(standing):
        with spoiled(standing, "lock table ops.sites in access exclusive mode"):
            found = audit(standing.engine, candidate.candidate_id, seen, SUITES, timeout_seconds=0.5)
        with pytest.raises(PublishRefused, match="did not pass"):
            night.publish(standing)
    failed, carried_out = reasons(standing)
    assert carried_out == len(found.results)
    assert waiting in failed
    assert all("timeout" in why for why in failed.values())


def test_a_check_tool_that_crashes_closes_the_gate(standing, tmp_path):
    (tmp_path / "great_expectations.py").write_text("raise MemoryError('no room')")
    with marts_stay(standing):
        code, said = footfall(standing, "check", folder=tmp_path)
        assert (code, "no room" in said) == (1, True), said
        with pytest.raises(PublishRefused, match="did not pass"):
            night.publish(standing)
    failed, carried_out = reasons(standing)
    assert len(failed) == carried_out == sum(len(suite.checks) for suite in SUITES)


def test_a_check_killed_at_work_is_no_pass_and_the_next_one_is(standing):
    with marts_stay(standing):
        with spoiled(standing, "lock table ops.sites in access exclusive mode"):
            checking = process(standing, "check")
            while not rows(standing.engine, "select 1 from pg_locks where not granted"):
                assert checking.poll() is None
                time.sleep(0.05)
            checking.kill()
            checking.communicate()
        assert checking.returncode == -signal.SIGKILL
        with pytest.raises(PublishRefused, match="never checked"):
            night.publish(standing)
    assert candidates.check(standing).passed
    assert night.publish(standing).days


def test_a_missing_suite_closes_the_gate(standing, marts, monkeypatch):
    def without_orders(engine, candidate_id, seen, suites, **given):
        return audit(engine, candidate_id, seen, [suite for suite in suites if suite.mart != "orders"], **given)

    monkeypatch.setattr(candidates, "audit", without_orders)
    assert candidates.check(standing).passed
    with marts_stay(standing), pytest.raises(PublishRefused, match="nothing was checked of orders"):
        night.publish(standing)


# Rows that are due ---------------------------------------------------------------------------------


def test_an_empty_mart_is_found_wherever_rows_are_due(standing, marts):
    for mart in marts:
        mentioned = re.compile(rf"\baudit\.{mart.name}\b")
        suites = [
            replace(suite, checks=tuple(c for c in suite.checks if c.is_query and mentioned.search(str(c.arguments))))
            for suite in SUITES
        ]
        kept = f"create table audit.kept as select * from audit.{mart.name}"
        with standing.engine.begin() as connection:
            connection.execute(text(kept))
            connection.execute(text(f"delete from audit.{mart.name}"))
        found = validate(standing.database.administrator, [suite for suite in suites if suite.checks])
        assert [result for result in found if not result.passed], mart.name
        with standing.engine.begin() as connection:
            connection.execute(text(f"insert into audit.{mart.name} select * from audit.kept"))
            connection.execute(text("drop table audit.kept"))
