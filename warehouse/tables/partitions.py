"""The partitions of raw.events, one per day."""

from datetime import date

from sqlalchemy import Connection, Engine, text

from warehouse.postgres.locks import PARTITION, exclusive


def partition_name(day: date) -> str:
    """Name of the day's partition, without its schema."""
    return f"events_{day:%Y%m%d}"


def ensure_partition(engine: Engine, day: date) -> None:
    """Make the day's partition if there is none, in a transaction of its own. Blocks neither readers nor loads."""
    with engine.begin() as connection:
        exclusive(connection, PARTITION)
        connection.execute(text("select raw.make_partition(:day)"), {"day": day})


def days_with_partition(connection: Connection) -> list[date]:
    """Return the days that have a partition, oldest first, also where it is detached already."""
    rows = connection.execute(
        text(
            "select to_date(right(relname, 8), 'YYYYMMDD') as day from pg_class"
            " where relnamespace = cast('raw' as regnamespace) and relkind = 'r' and relname ~ '^events_[0-9]{8}$'"
            " order by day"
        )
    )
    return list(rows.scalars())
