"""Faults at every step of a prune: its repeat removes exactly the days that are due."""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from runtime.settings import Settings
from tests.support.database import rows
from tests.support.faults.crash_matrix import RETAINING
from tests.support.faults.failing import fail
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
