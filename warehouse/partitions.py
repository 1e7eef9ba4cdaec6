"""The partitions of raw.events, one per day."""

from datetime import date, timedelta

from sqlalchemy import Engine, text

from warehouse.locks import PARTITION, exclusive


def partition_name(day: date) -> str:
    """Name of the day's partition, without its schema."""
    return f"events_{day:%Y%m%d}"


def ensure_partition(engine: Engine, day: date) -> None:
    """Make the day's partition if it is missing, in a transaction of its own. Blocks neither readers nor loads."""
    name = partition_name(day)
    with engine.begin() as connection:
        exclusive(connection, PARTITION)
        if connection.scalar(text("select to_regclass(:name)"), {"name": f"raw.{name}"}) is not None:
            return
        connection.exec_driver_sql(f"create table raw.{name} (like raw.events including all)")
        connection.exec_driver_sql(
            f"alter table raw.events attach partition raw.{name} for values from ('{day}') to ('{day + timedelta(1)}')"
        )
