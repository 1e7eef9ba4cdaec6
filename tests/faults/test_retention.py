"""Faults at every step of a prune: its repeat removes exactly the days that are due."""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from runtime.settings import Settings
from tests.support.database import rows
from tests.support.faults.crash_matrix import RETAINING, RETAINING_ONE_KIND
from tests.support.faults.failing import fail
from warehouse.retention import raw_kinds
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune
from warehouse.tables.contracts import Mart, read_marts
from warehouse.tables.marts import ensure_marts
from warehouse.tables.partitions import ensure_partition, partition_name

DAY = timedelta(days=1)
DUE, KEPT = (93, 92, 91), (90, 1)
"""Ages in days, where 90 are kept."""


def prune_alone(url: URL, settings: Settings, marts: tuple[Mart, ...]) -> None:
    """With connections of its own, in whatever process this is."""
    engine = create_engine(url)
    try:
        prune(engine, settings, marts)
    finally:
        engine.dispose()


def put(engine, landing: Path, day: date, number: int) -> None:
    """An event, a copy that lost, a contact, a reject and a loaded file of one day."""
    ensure_partition(engine, day)
    file = landing / "loaded" / f"{day}-{number}.ndjson.zst"
    file.parent.mkdir(parents=True, exist_ok=True)
    for path in (file, file.with_name(f"{file.name}.json")):
        path.touch()
    with engine.begin() as connection:
        for statement in _ROWS:
            connection.execute(text(statement), {"day": day, "file": file.name, "id": f"{day}-{number}"})


def left(engine, landing: Path) -> dict[str, list]:
    """The days, and the files, of which anything is left."""
    found = {
        table: [day for (day,) in rows(engine, f"select distinct {column}::date from {table} order by 1")]
        for table, column in (
            ("raw.events", "event_date"),
            ("raw.lost_copies", "event_date"),
            ("raw.rejects", "rejected_at"),
            ("ops.contact_vault", "event_date"),
        )
    }
    tables = "select relname from pg_class where relname ~ '^events_[0-9]{8}$' order by 1"
    files = sorted({path.name[:10] for path in (landing / "loaded").iterdir()})
    return found | {"tables": [name for (name,) in rows(engine, tables)], "files": files}


def test_a_prune_that_fails_anywhere_in_any_way_is_finished_by_the_next(engine, tmp_path, today, parsed_project):
    settings = Settings(home=tmp_path)
    landing = settings.landing
    marts = read_marts(parsed_project / "manifest.json")
    with engine.begin() as connection:
        ensure_marts(connection, marts)
        connection.exec_driver_sql("update ops.retention_policies set keep_days = 90")
        connection.exec_driver_sql("insert into ops.retention_runs (run_date) values (current_date - 1)")
    for age in KEPT:
        put(engine, landing, today - age * DAY, 0)
    kept = left(engine, landing)
    assert kept["tables"] == [partition_name(today - age * DAY) for age in KEPT]
    for number, fault in enumerate(RETAINING, start=1):
        # Other days each time: those that are sealed take no more events.
        for age in DUE:
            put(engine, landing, today - (age + len(DUE) * number) * DAY, number)
        fail(fault, prune_alone, engine.url, settings, marts)
        prune_alone(engine.url, settings, marts)
        assert left(engine, landing) == kept, fault
    assert rows(engine, "select count(*) from ops.frozen_days") == [(len(DUE) * len(RETAINING),)]


def prune_in_small_batches(url: URL, settings: Settings, marts: tuple[Mart, ...]) -> None:
    """A day has three batches."""
    raw_kinds.BATCH_PAGES = 1
    prune_alone(url, settings, marts)


def test_of_one_kind_a_prune_that_fails_anywhere_in_any_way_is_finished_by_the_next(
    engine, tmp_path, today, parsed_project, monkeypatch
):
    """Every day has events of both kinds on each of three pages, and of one device before and after it had a user."""
    monkeypatch.setattr(raw_kinds, "BATCH_PAGES", 1)
    settings = Settings(home=tmp_path)
    marts = read_marts(parsed_project / "manifest.json")
    with engine.begin() as connection:
        ensure_marts(connection, marts)
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")
        set_policy(connection, "raw_events", 90, "anonymous")
    kept = "select count(*), count(*) filter (where event_id like 's%') from raw.events where event_date = :day"
    for number, fault in enumerate(RETAINING_ONE_KIND, start=1):
        days = [today - (age + len(DUE) * number) * DAY for age in DUE]
        for day in days:
            ensure_partition(engine, day)
            with engine.begin() as connection:
                for statement in _OF_BOTH_KINDS:
                    connection.execute(text(statement), {"day": day})
            ((pages,),) = rows(engine, f"select pg_relation_size('raw.{partition_name(day)}') / 8192")
            assert pages == 3
        fail(fault, prune_in_small_batches, engine.url, settings, marts)
        prune_in_small_batches(engine.url, settings, marts)
        for day in days:
            assert rows(engine, kept, day=day) == [(16, 16)], fault
    done = len(DUE) * len(RETAINING_ONE_KIND)
    assert rows(engine, "select count(*) from ops.frozen_days") == [(done,)]
    assert rows(engine, "select count(*) from ops.pruned_kinds") == [(done,)]


_OF_BOTH_KINDS = (
    "insert into raw.events (site_id, event_date, occurred_at, received_at, event_id, event_name, event_category,"
    " anonymous_id, user_id, client_timestamp, properties, collector_id, file_id, line_number)"
    " select 'shop', :day, cast(:day as date) + make_interval(hours => n),"
    " :day, case when n % 2 = 1 or n > 12 then 's' else 'a' end || n, 'page_viewed', 'engagement',"
    " case when n % 2 = 0 then 'd' || cast(:day as text) else 'other' end, case when n % 2 = 1 then 'ann' end, :day,"
    " jsonb_build_object('filled', repeat('x', 800)), 'test', 1, n from generate_series(2, 23) n",
    "insert into marts.identities (site_id, visitor_id, user_id, from_at, session_id)"
    " values ('shop', 'd' || cast(:day as text), 'bob', cast(:day as date) + interval '13 hours', 's')",
)

_ROWS = (
    "insert into raw.events (site_id, event_date, occurred_at, received_at, event_id, event_name, event_category,"
    " anonymous_id, client_timestamp, collector_id, file_id, line_number) values ('shop', :day, :day, :day, :id,"
    " 'page_viewed', 'engagement', 'd1', :day, 'test', 1, 1)",
    "insert into raw.lost_copies (site_id, event_id, event_date) values ('shop', :id, :day)",
    "insert into raw.rejects (file_id, line_number, byte_offset, received_at, rejected_at, reason, payload)"
    " values (1, 1, 0, :day, :day, 'corrupt_line', '')",
    "insert into ops.contact_vault (site_id, event_id, event_date, occurred_at, event_name, traits, file_id,"
    " line_number) values ('shop', :id, :day, :day, 'payment_failed', '{}', 1, cast(:day as date) - date '2000-01-01')",
    "insert into ops.landed_files (file_name, checksum, byte_count, line_count, loaded_count, duplicate_count,"
    " rejected_count, state, loaded_at) values (:file, :file, 0, 0, 0, 0, 0, 'loaded', :day)",
)
