"""A wrong clock empties nothing: retention believes a date only where it goes on from the dates on record."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from runtime.settings import Settings
from tests.support.database import rows
from warehouse.retention.clock import Clock, days_ahead, forget, read_clock
from warehouse.retention.policies import RetentionError
from warehouse.retention.prune import prune
from warehouse.tables.partitions import ensure_partition

DAY = timedelta(days=1)
TODAY = date(2026, 11, 26)
TABLES = (
    "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace in ('raw'::regnamespace,"
    " 'marts'::regnamespace, 'ops'::regnamespace) order by 1"
)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.fixture
def old_day(engine, today):
    """A day of raw events that is long due."""
    day = today - 500 * DAY
    ensure_partition(engine, day)
    change(
        engine,
        "insert into raw.events (site_id, event_date, occurred_at, received_at, event_id, event_name, event_category,"
        " anonymous_id, client_timestamp, ip, collector_id, file_id, line_number) values ('shop', :day, :day, :day,"
        " 'e', 'page_viewed', 'engagement', 'd1', :day, '203.0.113.7', 'test', 1, 1)",
        day=day,
    )
    return day


def change(engine, statement, **values):
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def loaded(engine, *ages):
    for age in ages:
        change(
            engine,
            "insert into ops.landed_files (file_name, checksum, byte_count, line_count, loaded_count, duplicate_count,"
            " rejected_count, state, loaded_at) values (:name, :name, 0, 0, 0, 0, 0, 'loaded',"
            " current_date - make_interval(days => :age))",
            name=f"file {age}",
            age=age,
        )


def ran(engine, *ages, confirmed=False):
    for age in ages:
        change(
            engine,
            "insert into ops.retention_runs (run_date, is_confirmed) values (current_date - cast(:age as int), :confirmed)",
            age=age,
            confirmed=confirmed,
        )


def runs(engine):
    return rows(engine, "select run_date, is_confirmed from ops.retention_runs order by 1")


def days_left(engine):
    return [day for (day,) in rows(engine, "select distinct event_date from raw.events order by 1")]


def everything(engine):
    return {table: rows(engine, f"select count(*) from {table}") for (table,) in rows(engine, TABLES)}


def ago(*ages):
    return [None if age is None else TODAY - age * DAY for age in ages]


# Which dates are believed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_run", "newest_load"),
    [
        (None, None),
        (None, 0),
        (None, 3),
        (None, -3),
        (1, 0),
        (1, 1),
        (3, 3),
        (3, 0),
        (0, 3),
        (-3, 0),
        (1, None),
        (-1, -2),
    ],
)
def test_a_date_that_goes_on_from_the_record_is_believed(last_run, newest_load):
    run, load = ago(last_run, newest_load)
    assert Clock(TODAY, last_run=run, newest_load=load).doubt() is None


@pytest.mark.parametrize(
    ("last_run", "newest_load"),
    [
        *[(400, 0), (4, 0), (4, None), (1, 4), (1, 400), (None, 4), (None, 400), (1, -4), (1, -400), (None, -4)],
        *[(-4, 0), (-400, 0), (-400, -400), (21, 21), (3, -1), (-1, 3), (-2, 2), (400, 400)],
    ],
)
def test_any_other_is_not_and_the_reason_names_every_date(last_run, newest_load):
    run, load = ago(last_run, newest_load)
    why = Clock(TODAY, last_run=run, newest_load=load).doubt()
    for each in filter(None, (TODAY, run, load)):
        assert str(each) in why
    assert f"footfall retain --confirm-today {TODAY}" in why


def test_a_date_that_a_person_confirmed_is_as_good_as_a_load():
    quiet = Clock(TODAY, last_run=TODAY - DAY, last_confirmed=TODAY - 3 * DAY, newest_load=TODAY - 30 * DAY)
    assert quiet.doubt() is None
    assert Clock(TODAY, TODAY - DAY, TODAY - 4 * DAY, TODAY - 30 * DAY).doubt()
    # It makes no later date right.
    assert Clock(TODAY, TODAY - DAY, TODAY, TODAY + 30 * DAY).doubt()


def test_where_retention_never_ran_a_silence_among_the_loads_is_a_doubt(engine, today):
    loaded(engine, 405, 402, 400, 3, 0)
    with engine.connect() as connection:
        clock = read_clock(connection)
    assert clock.silence == (today - 400 * DAY, today - 3 * DAY)
    assert f"nothing was loaded between {today - 400 * DAY} and {today - 3 * DAY}" in clock.doubt()
    ran(engine, 1)
    with engine.connect() as connection:
        assert read_clock(connection).doubt() is None


def test_the_record_is_read_as_it_is(engine, today):
    loaded(engine, 6, 3, 0, -2)
    ran(engine, 3, 1)
    ran(engine, 2, confirmed=True)
    with engine.connect() as connection:
        clock = read_clock(connection)
    assert clock == Clock(today, today - DAY, today - 2 * DAY, today + 2 * DAY, first_ahead=today + 2 * DAY)


# What a run does ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loads", "earlier_runs"),
    [
        ([-3], [-5]),
        ([4], [1]),
        ([0], [4]),
        ([0], [400]),
        ([0, 400], []),  # The clock jumped, and the collector supplied an event.
        ([21], [21]),  # The machine was off.
        ([-400, 0], [1]),  # The clock was wrong once and is right again.
        ([0], [-400]),
    ],
)
def test_with_a_date_in_doubt_nothing_is_pruned_until_it_is_confirmed(
    engine, settings, marts, today, old_day, loads, earlier_runs
):
    loaded(engine, *loads)
    ran(engine, *earlier_runs)
    settings.logs.mkdir()
    (settings.logs / "collector.log").write_text("line\n")
    before = everything(engine)
    for dry_run in (True, False):
        with pytest.raises(RetentionError, match=f"(?s)today is {today} .*nothing is pruned"):
            prune(engine, settings, marts, dry_run)
    assert everything(engine) == before
    assert (settings.logs / "collector.log").read_text() == "line\n"
    for other in (today - DAY, today + DAY, today + 400 * DAY):
        with pytest.raises(RetentionError, match=f"today is {today} by the database's clock, not {other}"):
            prune(engine, settings, marts, confirmed=other)
    assert everything(engine) == before
    prune(engine, settings, marts, confirmed=today)
    assert days_left(engine) == []
    assert (today, True) in runs(engine)


def test_a_first_run_over_history_that_was_filled_in_today_prunes_what_is_due(engine, settings, marts, today, old_day):
    """No retention ran, and all that is old was loaded just now."""
    loaded(engine, 0)
    prune(engine, settings, marts)
    assert days_left(engine) == []
    assert runs(engine) == [(today, False)]


def test_a_run_is_on_record_from_its_beginning_and_a_dry_run_is_not(engine, settings, marts, today, monkeypatch):
    loaded(engine, 0)
    prune(engine, settings, marts, dry_run=True)
    assert runs(engine) == []
    monkeypatch.setattr("warehouse.retention.prune._prune_raw_events", lambda *_: pytest.fail("interrupted"))
    with pytest.raises(pytest.fail.Exception):
        prune(engine, settings, marts)
    assert runs(engine) == [(today, False)]


def test_days_in_the_future_are_those_that_began_in_no_timezone(engine, today):
    for age in (0, -1, -2, -400):
        change(
            engine,
            "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', :day, 'events_loaded')",
            day=today - age * DAY,
        )
    with engine.connect() as connection:
        assert days_ahead(connection) == [today + 2 * DAY, today + 400 * DAY]


# Wrong dates on record ---------------------------------------------------------------------------


def test_a_wrong_date_is_taken_out_of_the_record_wherever_it_stands(engine, settings, marts, today, old_day):
    loaded(engine, 1, 0, -400, -401)
    ran(engine, 1, -400)
    wrong = today + 400 * DAY
    for statement in (
        "insert into ops.dirty_days (site_id, event_date, cause, marked_at) values ('shop', :day, 'events_loaded', :day)",
        "insert into ops.sites (site_id, created_at) values ('shop', :day)",
        "insert into raw.rejects (file_id, line_number, byte_offset, received_at, rejected_at, reason, payload)"
        " values (1, 1, 0, :day, :day, 'corrupt_line', '')",
    ):
        change(engine, statement, day=wrong)
    with pytest.raises(RetentionError, match=f"footfall retention forget {wrong}"):
        prune(engine, settings, marts)
    with engine.begin() as connection:
        assert forget(connection, wrong) == {
            "ops.dirty_days": 1,
            "ops.landed_files": 2,
            "ops.retention_runs": 1,
            "ops.sites": 1,
            "raw.rejects": 1,
        }
    assert rows(engine, "select distinct loaded_at::date from ops.landed_files order by 1") == [
        (today - DAY,),
        (today,),
    ]
    for stamp in ("marked_at::date from ops.dirty_days", "rejected_at::date from raw.rejects"):
        assert rows(engine, f"select {stamp}") == [(today,)]
    # The client's time is no time of ours.
    assert rows(engine, "select received_at::date from raw.rejects") == [(wrong,)]
    prune(engine, settings, marts)
    assert runs(engine) == [(today - DAY, False), (today, False)]
    with engine.begin() as connection, pytest.raises(RetentionError, match="nothing on record is dated"):
        forget(connection, wrong)


@pytest.mark.parametrize("age", [0, 1, 400])
def test_a_date_that_has_come_is_not_proven_wrong(engine, today, age):
    loaded(engine, age)
    with engine.begin() as connection, pytest.raises(RetentionError, match="only later dates are proven wrong"):
        forget(connection, today - age * DAY)
    assert rows(engine, "select loaded_at::date from ops.landed_files") == [(today - age * DAY,)]
