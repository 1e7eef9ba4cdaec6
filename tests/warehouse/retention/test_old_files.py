"""Pages of checks, exports and logs go to the day; what is younger, and what is being written, stays."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from runtime.settings import Settings
from warehouse.retention.policies import list_policies, set_policy
from warehouse.retention.prune import prune

DAY = timedelta(days=1)
KEPT_DAYS = 30


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def keep_only(engine, policy):
    with engine.begin() as connection:
        connection.execute(text("update ops.retention_policies set keep_days = null"))
        set_policy(connection, policy, KEPT_DAYS)


def put(path, day, content="ann@example.org"):
    """A file last written in the last second of a day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).timestamp()
    for written in (path, path.parent):
        os.utime(written, (moment, moment))


def test_pages_of_checks_go_to_the_day(engine, settings, today):
    keep_only(engine, "check_results")
    for age in (29, 30, 31, 32):
        put(settings.checks / f"{age}.html", today - age * DAY)
    assert [
        found.rows for found in prune(engine, settings, (), dry_run=True) if found.relation == "pages of checks"
    ] == [2]
    assert len(list(settings.checks.iterdir())) == 4
    found = next(found for found in prune(engine, settings, ()) if found.relation == "pages of checks")
    assert (found.policy, found.rows, found.bytes) == ("check_results", 2, 30)
    assert {path.name for path in settings.checks.iterdir()} == {"29.html", "30.html"}


def test_exports_of_persons_go_whole_and_to_the_day(engine, settings, today):
    keep_only(engine, "exports")
    for age in (30, 31):
        put(settings.exports / f"shop-{age}" / "sessions" / "sessions.csv", today - age * DAY)
        for folder in (settings.exports / f"shop-{age}" / "sessions", settings.exports / f"shop-{age}"):
            moment = datetime.combine(today - age * DAY, datetime.min.time(), UTC).timestamp()
            os.utime(folder, (moment, moment))
    (found,) = [found for found in prune(engine, settings, ()) if found.rows]
    assert (found.policy, found.rows, found.bytes) == ("exports", 1, 15)
    assert [path.name for path in settings.exports.iterdir()] == ["shop-30"]


def test_an_export_that_is_still_written_to_is_not_old(engine, settings, today):
    keep_only(engine, "exports")
    put(settings.exports / "shop" / "sessions.csv", today - 40 * DAY)
    put(settings.exports / "shop" / "visitors.csv", today)
    assert not any(found.rows for found in prune(engine, settings, ()))
    assert (settings.exports / "shop" / "sessions.csv").exists()


def test_a_log_is_put_aside_once_a_day_and_goes_when_all_its_lines_are_due(engine, settings, today):
    keep_only(engine, "logs")
    logs = [settings.logs / "collector.log", settings.home / "postgres" / "postgres.log"]
    for log in logs:
        put(log, today, "first\n")
        for age in (30, 31):
            put(log.with_name(f"{log.name}.{today - age * DAY}"), today)
    found = next(found for found in prune(engine, settings, ()) if found.policy == "logs")
    assert found.rows == 2
    for log in logs:
        assert log.read_text() == ""
        aside = log.with_name(f"{log.name}.{today}")
        assert aside.read_text() == "first\n"
        assert aside.stat().st_mode & 0o077 == 0
        assert len(list(log.parent.iterdir())) == 3
        log.write_text("second\n")
    prune(engine, settings, ())
    for log in logs:
        assert log.read_text() == "second\n"
        assert log.with_name(f"{log.name}.{today}").read_text() == "first\n"


def test_who_writes_to_a_log_goes_on_after_it_was_put_aside(engine, settings, today):
    keep_only(engine, "logs")
    settings.logs.mkdir()
    log = settings.logs / "collector.log"
    with log.open("a") as process:
        print("before", file=process, flush=True)
        prune(engine, settings, ())
        print("after", file=process, flush=True)
    assert log.read_text() == "after\n"
    assert log.with_name(f"{log.name}.{today}").read_text() == "before\n"


def test_a_dry_run_leaves_the_logs_alone(engine, settings, today):
    keep_only(engine, "logs")
    put(settings.logs / "collector.log", today, "line\n")
    prune(engine, settings, (), dry_run=True)
    assert (settings.logs / "collector.log").read_text() == "line\n"


def test_where_nothing_was_ever_written_nothing_is_pruned(engine, settings):
    with engine.begin() as connection:
        for policy in list_policies(connection):
            set_policy(connection, policy.name, 1)
    assert not any(found.rows for found in prune(engine, settings, ()))
