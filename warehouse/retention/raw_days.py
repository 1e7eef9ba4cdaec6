"""Freeze the days of raw events that are due, then drop them as whole partitions. No reader waits.

Retention decides which days are due. Days of which one kind of people is due are left to `raw_kinds`. Every step may be
interrupted and run again.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from runtime.failpoints import reach
from warehouse.postgres.locks import PARTITION, exclusive
from warehouse.tables.partitions import days_with_partition, partition_name

LOAD_PATIENCE_SECONDS = 3
READER_PATIENCE_SECONDS = 5
"""How long to wait for readers who may see a day that goes. Then it stays until the next run."""
READ_AFTER_A_DAY = 3
"""How many days after its own a build reads, to find where sessions end: see model int_border_events."""

_log = logging.getLogger(__name__)


def drop_raw_days(engine: Engine, before: date, dry_run: bool) -> Iterator[tuple[str, int, int]]:
    """Drop the partitions of the days before `before` that are due; with `dry_run`, only measure them.

    Returns:
        For each partition its name, its number of rows and its size in bytes.
    """
    with engine.connect() as connection:
        pending = _pending(connection)
        # PostgreSQL detaches one partition at a time.
        days = sorted(due_days(connection, before), key=lambda day: partition_name(day) != pending)
    for day in days:
        name = f"raw.{partition_name(day)}"
        with engine.connect() as connection:
            if not dry_run and _pending(connection) not in (None, partition_name(day)):
                return
            rows = _count(connection, day)
            size: int = connection.execute(text("select pg_total_relation_size(:name)"), {"name": name}).scalar_one()
        if dry_run or _drop_partition(engine, day):
            yield name, rows, size


def due_days(connection: Connection, before: date, since: date | None = None) -> list[date]:
    """Return the days of raw events before `before`, from `since` on, oldest first.

    Days that are dirty wait, and the days after them that their build reads.
    """
    dirty: Iterable[date] = connection.execute(text("select distinct event_date from ops.dirty_days")).scalars()
    waiting = {day + timedelta(days=later) for day in dirty for later in range(READ_AFTER_A_DAY + 1)}
    return [
        day
        for day in days_with_partition(connection)
        if day < before and (since is None or day >= since) and day not in waiting
    ]


def _count(connection: Connection, day: date) -> int:
    """Return the number of rows of the day.

    A day that is neither dirty nor frozen still has the raw events it was published from: their recorded number is
    used, because reading the partition took half of the time. A frozen day is counted: some of them may be gone.
    """
    published = connection.scalar(
        text(
            "select raw_events from ops.published_days where event_date = :day and not exists"
            " (select from ops.frozen_days s where s.event_date = :day)"
        ),
        {"day": day},
    )
    if published is not None:
        return published
    return connection.execute(text(f"select count(*) from raw.{partition_name(day)}")).scalar_one()


def _drop_partition(engine: Engine, day: date) -> bool:
    """Detach the day's partition without blocking readers, and drop it. Continues where a killed run stopped."""
    name = f"raw.{partition_name(day)}"
    if not freeze(engine, day):
        return False
    reach("retain:sealed")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        state = connection.scalar(
            text("select inhdetachpending from pg_inherits where inhrelid = to_regclass(:name)"), {"name": name}
        )
        if state is not None:
            mode = "finalize" if state else "concurrently"
            connection.exec_driver_sql(f"set lock_timeout = '{READER_PATIENCE_SECONDS}s'")
            try:
                connection.exec_driver_sql(f"alter table raw.events detach partition {name} {mode}")
            except OperationalError as error:
                if not isinstance(error.orig, LockNotAvailable):
                    raise
                _log.warning(
                    "%s is not dropped yet: a reader's transaction may still see it; the next run goes on", name
                )
                return False
            finally:
                connection.exec_driver_sql("reset lock_timeout")
        for table in ("raw.lost_copies", "ops.pruned_kinds"):
            connection.execute(text(f"delete from {table} where event_date = :day"), {"day": day})
        reach("retain:detached", connection)
        # The table goes last: while it exists, a killed run can be repeated.
        connection.exec_driver_sql(f"drop table {name}")
    return True


def _pending(connection: Connection) -> str | None:
    """Return the name of the partition that waits to be detached: some reader's transaction was older than that."""
    return connection.scalar(
        text(
            "select relname::text from pg_inherits inner join pg_class on inhrelid = pg_class.oid"
            " where inhparent = cast('raw.events' as regclass) and inhdetachpending"
        )
    )


def freeze(engine: Engine, day: date) -> bool:
    """Freeze the day against new events. Return False, to try another time, while a load holds it or it is dirty."""
    try:
        with engine.begin() as connection:
            exclusive(connection, PARTITION)
            # Wait only briefly: the load may itself wait for this lock, to make its next partition.
            connection.exec_driver_sql(f"set local lock_timeout = '{LOAD_PATIENCE_SECONDS}s'")
            connection.exec_driver_sql(f"lock table raw.{partition_name(day)} in share row exclusive mode")
            if connection.scalar(text("select 1 from ops.dirty_days where event_date = :day"), {"day": day}):
                return False
            connection.execute(
                text("insert into ops.frozen_days (event_date) values (:day) on conflict do nothing"), {"day": day}
            )
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True
