"""A whole night, in order, twice, killed while dbt builds, and with a day held back. Other faults: `tests.faults`."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, dbt, night
from footfall.pipeline.night import DaysHeldBack
from ingestion.landing.reader import sealed_segments
from tests.support.database import rows
from tests.support.events import Landing, event, landed_line
from tests.support.installation import contents, with_settings
from tests.support.nights import DBT_AT_WORK, START, visits
from warehouse.access.zones import days_just_over, last_days_over
from warehouse.publication.dirty_days import Cause, SiteDay, mark
from warehouse.publication.publish import PublishRefused
from warehouse.publication.slices import Slice, SliceError, parse_days

QUIETLY = {"say": lambda line: None}


def two_days(installation):
    """What most tests begin with: three people on each of two days, published in one slice."""
    Landing(installation.settings.landing).land(*visits(2), *visits(3))
    assert len(night.nightly(installation, **QUIETLY)) == 1


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, two_days) as copies:
        yield copies


@pytest.fixture
def after_two_days(copies):
    with copies() as installation:
        yield installation


def land(installation, *events):
    Landing(installation.settings.landing).land(*events)


def start_nightly(installation, **environment) -> subprocess.Popen:
    """`footfall nightly` as a process of its own."""
    given = {
        "FOOTFALL_HOME": str(installation.settings.home),
        "FOOTFALL_DATABASE_URL": installation.database.administrator.render_as_string(hide_password=False),
        "FOOTFALL_SEGMENT_SECONDS": "0.5",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "footfall", "nightly"],
        env=os.environ | given | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_nightly(installation, **environment) -> tuple[int, str]:
    """Run it to its end: exit code, and what it complained of."""
    process = start_nightly(installation, **environment)
    _, complaint = process.communicate(timeout=120)
    return process.returncode, complaint


def wait_for_dbt(installation, process: subprocess.Popen) -> None:
    """Wait until dbt is in the middle of its models."""
    while not rows(installation.engine, DBT_AT_WORK):
        assert process.poll() is None
        time.sleep(0.02)


def test_a_second_night_changes_no_row(after_two_days):
    """Acts: after a night, a second one, a rebuild."""
    installation = after_two_days
    published = contents(installation)
    assert len(published["sessions"]) == 6
    assert night.nightly(installation, **QUIETLY) == []
    night.rebuild(installation, parse_days("2026-11-02..2026-11-03"), **QUIETLY)
    assert contents(installation) == published


def test_a_late_event_changes_its_day_as_if_it_had_come_in_time(after_two_days):
    installation = after_two_days
    land(installation, event("2026-11-02 09:20", device="d0", event_id="late"))
    night.nightly(installation, **QUIETLY)
    in_steps = contents(installation)
    night.rebuild(installation, parse_days("2026-11-02..2026-11-03"), **QUIETLY)
    assert contents(installation) == in_steps
    assert rows(
        installation.engine,
        "select event_count from marts.sessions where visitor_id = 'd0' and event_date = '2026-11-02'",
    ) == [(3,)]


@pytest.mark.nights
def test_an_earlier_first_visit_makes_the_old_first_day_returning(installation, landing):
    landing.land(*visits(5, people=1))
    night.nightly(installation, **QUIETLY)
    landing.land(*visits(2, people=1))
    night.nightly(installation, **QUIETLY)
    assert rows(
        installation.engine, "select event_date::text, new_users, returning_users from marts.daily_stats order by 1"
    ) == [
        ("2026-11-02", 1, 0),
        ("2026-11-05", 0, 1),
    ]
    assert rows(installation.engine, "select start_cause from marts.sessions order by started_at") == [
        ("first_visit",),
        ("timeout",),
    ]


@pytest.mark.nights
def test_an_earlier_sign_in_takes_the_conversion_from_a_later_day(installation, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-05 09:00", user_id="ann"))
    night.nightly(installation, **QUIETLY)
    landing.land(event("2026-11-03 09:00", user_id="ann"))
    night.nightly(installation, **QUIETLY)
    assert rows(
        installation.engine, "select event_date::text, conversion_count from marts.daily_traffic order by 1"
    ) == [
        ("2026-11-02", 0),
        ("2026-11-03", 1),
        ("2026-11-05", 0),
    ]
    in_steps = contents(installation)
    night.rebuild(installation, parse_days("2026-11-02..2026-11-05"), **QUIETLY)
    assert contents(installation) == in_steps


def test_names_longer_than_an_index_entry_hold_no_one_up(installation, landing):
    chance = random.Random(1)
    name = "".join(chr(chance.randint(0x20000, 0x2A6DF)) for _ in range(1900))
    landing.land(
        *visits(2), event("2026-11-02 09:00", device="long", page_url=f"https://shop.example/{name}?utm_source={name}")
    )
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select sum(session_count) from marts.daily_stats") == [(4,)]
    assert rows(
        installation.engine, "select page_path from marts.daily_page_stats where page_path <> '/' order by 1"
    ) == [(f"/{name[:599]}",)]


def test_through_leaves_later_days_for_another_night(installation, landing):
    landing.land(*visits(2), *visits(3))
    night.nightly(installation, through=START.date(), **QUIETLY)
    assert rows(installation.engine, "select distinct event_date::text from marts.daily_stats") == [("2026-11-02",)]
    assert rows(installation.engine, "select distinct event_date::text from ops.dirty_days") == [("2026-11-03",)]


@pytest.mark.nights
def test_a_night_killed_while_dbt_builds_takes_dbt_with_it(after_two_days):
    """Acts: after a night, one that is killed, its repeat, a rebuild."""
    installation = after_two_days
    before = contents(installation)
    land(installation, *visits(4))
    process = start_nightly(installation)
    wait_for_dbt(installation, process)
    process.kill()
    process.communicate()
    assert contents(installation) == before
    night.nightly(installation, **QUIETLY)
    after = contents(installation)
    assert len(after["sessions"]) == 9
    assert rows(installation.engine, DBT_AT_WORK) == []
    night.rebuild(installation, parse_days("2026-11-02..2026-11-04"), **QUIETLY)
    assert contents(installation) == after


def test_after_midnight_a_night_takes_only_the_days_that_are_over_by_the_sites_own_clock(anew):
    """Their clocks are 26 hours apart: the day that has just ended in the east has not in the west."""
    with anew({"east": "Etc/GMT-14", "west": "Etc/GMT+12"}) as installation, installation.engine.begin() as connection:
        over = last_days_over(connection)
        mark(connection, [SiteDay("east", over["east"]), SiteDay("west", over["east"])], Cause.EVENTS_LOADED)
        connection.commit()
        assert night.next_slice(installation, over["east"]) == Slice(over["east"], over["east"])
        patient = with_settings(installation, night_after_midnight=True)
        assert night.next_slice(patient, over["east"]) == Slice(over["east"], over["east"], frozenset({"east"}))


def test_a_night_is_asked_for_five_minutes_after_the_midnight_of_a_site_whose_events_of_the_day_wait(anew):
    with anew({"east": "Etc/GMT-14", "west": "Etc/GMT+12"}) as installation, installation.engine.begin() as connection:
        mark(connection, [SiteDay("east", date(2026, 11, 2)), SiteDay("west", date(2026, 11, 1))], Cause.REBUILD)
        midnight = datetime(2026, 11, 2, 10, tzinfo=UTC)
        for minutes, asked in ((-1, []), (4, []), (5, [("Etc/GMT-14", date(2026, 11, 2))])):
            now = midnight + timedelta(minutes=minutes)
            assert days_just_over(connection, timedelta(minutes=5), now) == asked


def test_a_model_that_cannot_be_built_is_reported_with_dbts_words(installation, landing):
    landing.land(*visits(2))
    night.load(installation)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("drop function staging.url_decode")
    with pytest.raises(dbt.BuildFailed, match="url_decode"):
        candidates.build(installation, night.next_slice(installation))


def test_a_candidate_that_fails_a_check_is_not_published(after_two_days):
    installation = after_two_days
    before = contents(installation)
    candidates.build(installation, parse_days("2026-11-02"))
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update audit.sessions set ended_at = started_at - interval '1 hour'")
    found = candidates.check(installation)
    assert not found.passed
    with pytest.raises(PublishRefused, match="did not pass"):
        night.publish(installation)
    assert contents(installation) == before


@pytest.mark.nights
def test_a_held_day_is_reported_with_its_figure_and_what_to_do(installation, landing):
    for day in range(2, 10):
        landing.land(*visits(day, people=30))
    night.nightly(installation, **QUIETLY)
    before = contents(installation)
    landing.land(*visits(10, people=3))
    code, complaint = run_nightly(installation)
    assert code == 1
    assert "site shop, 2026-11-10 is held back: daily_stats.volume_is_usual: 3, usual are 30" in complaint
    assert "footfall accept --site shop --day 2026-11-10 --check volume_is_usual" in complaint
    assert len(complaint.splitlines()) < 24
    assert contents(installation) == before
    assert "volume_is_usual" in (installation.settings.home / "checks" / "latest.html").read_text()
    with pytest.raises(DaysHeldBack):
        night.nightly(installation, **QUIETLY)


def test_a_load_waits_for_a_file_that_another_loader_is_at(installation, landing):
    landing.land(*visits(2))
    (segment,) = sealed_segments(installation.settings.landing)
    with installation.engine.connect() as other:
        other.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": segment.name})
        threading.Timer(1.5, other.rollback).start()
        assert night.load(installation).loaded == 6


def test_pruned_days_are_not_rebuilt(after_two_days):
    installation = after_two_days
    before = contents(installation)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.frozen_days (event_date) values ('2026-11-02')")
        connection.exec_driver_sql("truncate raw.events")
    with pytest.raises(SliceError, match="pruned"):
        night.rebuild(installation, parse_days("2026-11-02"), **QUIETLY)
    with pytest.raises(SliceError, match="pruned"):
        candidates.build(installation, parse_days("2026-11-02"))
    assert contents(installation) == before


def test_what_a_dead_collector_acknowledged_is_in_the_next_load(installation):
    dying = f"""
import os, signal
from pathlib import Path
from ingestion.landing.writer import SegmentWriter
SegmentWriter(Path({str(installation.settings.landing)!r}), "dying").append({landed_line(event("2026-11-02 09:00"))!r})
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", dying], check=False)
    assert night.load(installation).loaded == 1


@pytest.mark.nights
def test_a_late_event_on_the_oldest_kept_day_leaves_the_pruned_eve_as_it_was(installation, landing):
    """The session that began on the eve stays published; its events on the kept day are not counted again."""
    night_owl = [event("2026-11-02 23:50", event_id="o1"), event("2026-11-03 00:10", event_id="o2")]
    landing.land(*visits(2), *visits(3), *night_owl)
    night.nightly(installation, **QUIETLY)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.frozen_days (event_date) values ('2026-11-02')")
        connection.exec_driver_sql("drop table raw.events_20261102")
    eve = rows(installation.engine, "select * from marts.sessions where event_date = '2026-11-02' order by session_id")
    landing.land(event("2026-11-03 12:00", device="late"))
    night.nightly(installation, **QUIETLY)
    assert (
        rows(installation.engine, "select * from marts.sessions where event_date = '2026-11-02' order by session_id")
        == eve
    )
    assert rows(installation.engine, "select sum(event_count) from marts.sessions") == [(6 + 6 + 2 + 1,)]
