"""Raw events of one kind of people, where the other kind is kept longer: which they are, and deleting them in batches.

A day is frozen before the first of its events goes. Every step may be interrupted and run again. Days of which both
kinds are due are left to `raw_days`.
"""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import Connection, Engine, text

from runtime.failpoints import reach
from warehouse.retention.policies import Kind
from warehouse.retention.raw_days import due_days, freeze
from warehouse.tables.partitions import days_with_partition, partition_name

BATCH_PAGES = 1_000
"""How much of a day one transaction looks through: 8 MB, some 20,000 events."""

POLICY = "raw_events"


def delete_kind(
    engine: Engine, kind: Kind, since: date | None, before: date, dry_run: bool
) -> Iterator[tuple[str, int, int]]:
    """Delete what is of the kind from the days before `before`, from `since` on; with `dry_run`, only measure it.

    Returns:
        For each day the name of its partition, the number of rows, and their size in bytes.
    """
    with engine.connect() as connection:
        done = _pruned(connection, POLICY, [kind])
        days = [day for day in due_days(connection, before, since) if day not in done]
    for day in days:
        name = f"raw.{partition_name(day)}"
        if dry_run:
            yield name, *_measure(engine, day, kind)
        elif freeze(engine, day):
            reach("retain:sealed")
            yield name, *_delete(engine, day, kind)


def of_kind(connection: Connection, kind: Kind, through: date) -> str:
    """Return the SQL condition that a raw event `r` of a day up to `through` is of the kind.

    A signed-in person's event names the user, or its device had a user at that moment. Published identities say so for
    all days that are not dirty; what dirty days say is read from their events. The condition holds until the
    transaction ends.
    """
    connection.exec_driver_sql(_UNPUBLISHED)
    dirty: list[date] = list(
        connection.execute(
            text("select distinct event_date from ops.dirty_days where event_date <= :through"), {"through": through}
        ).scalars()
    )
    if dirty:
        connection.execute(text(_SIGHTINGS), {"days": dirty})
    known = [_KNOWN.format(relation="unpublished_identities")]
    if connection.scalar(text("select to_regclass('marts.identities')")) is not None:
        known.append(_KNOWN.format(relation="marts.identities"))
    signed_in = f"(r.user_id is not null or {' or '.join(known)})"
    return signed_in if kind == "signed_in" else f"not {signed_in}"


def days_with_addresses(connection: Connection, kinds: Collection[Kind], before: date) -> list[date]:
    """Return the days before `before` whose raw events may still hold addresses of these kinds of people."""
    done = set(_pruned(connection, "ip_addresses", kinds))
    return [day for day in days_with_partition(connection) if day < before and day not in done]


def record_without_addresses(connection: Connection, kinds: Collection[Kind], days: Collection[date]) -> None:
    """Record the frozen ones of these days: as no event is added to them, they are never looked through again."""
    connection.execute(
        text(
            "insert into ops.pruned_kinds (event_date, policy, kind)"
            " select event_date, 'ip_addresses', kind from ops.frozen_days, unnest(cast(:kinds as text[])) as kind"
            " where event_date = any(:days) on conflict do nothing"
        ),
        {"kinds": list(kinds), "days": list(days)},
    )


def _pruned(connection: Connection, policy: str, kinds: Collection[Kind]) -> list[date]:
    """Return the days of which nothing of any of these kinds is left."""
    rows = connection.execute(
        text(
            "select event_date from ops.pruned_kinds where policy = :policy and kind = any(:kinds)"
            " group by event_date having count(*) = :count"
        ),
        {"policy": policy, "kinds": list(kinds), "count": len(kinds)},
    )
    return list(rows.scalars())


def _measure(engine: Engine, day: date, kind: Kind) -> tuple[int, int]:
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select count(*) as rows, coalesce(sum(pg_column_size(r.*)), 0)::bigint as bytes"
                f" from raw.{partition_name(day)} r where {of_kind(connection, kind, day)}"
            )
        ).one()
        return found.rows, found.bytes


def _delete(engine: Engine, day: date, kind: Kind) -> tuple[int, int]:
    """Go through the pages of the day once. No event is added to a frozen day, so that a repeat finds what is left."""
    name = f"raw.{partition_name(day)}"
    with engine.connect() as connection:
        pages: int = connection.execute(
            text("select pg_relation_size(:name) / cast(current_setting('block_size') as integer)"), {"name": name}
        ).scalar_one()
    rows = size = 0
    for first in range(0, pages, BATCH_PAGES):
        with engine.begin() as connection:
            gone = connection.execute(
                text(_DELETE.format(name=name, of_kind=of_kind(connection, kind, day))),
                {"first": f"({first},0)", "end": f"({first + BATCH_PAGES},0)"},
            ).one()
            reach("retain:batch", connection)
        rows, size = rows + gone.rows, size + gone.bytes
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"vacuum {name}")
    with engine.begin() as connection:
        connection.execute(text(_LOST_COPIES), {"day": day})
        # The record goes last: until it is there, a killed run can be repeated.
        connection.execute(
            text("insert into ops.pruned_kinds (event_date, policy, kind) values (:day, :policy, :kind)"),
            {"day": day, "policy": POLICY, "kind": kind},
        )
        reach("retain:kind", connection)
    return rows, size


_UNPUBLISHED = """
create temporary table unpublished_identities (
    site_id text, visitor_id text, from_at timestamptz, primary key (site_id, visitor_id)
) on commit drop
"""
_SIGHTINGS = """
insert into unpublished_identities
select site_id, anonymous_id, min(occurred_at)
from raw.events
where event_date = any(:days) and user_id is not null and anonymous_id is not null
group by 1, 2
"""
# An interval ends only where that of another user begins: from the first on, the device has a user. In raw, ids have
# another collation than in marts, with which no index of a mart would be used.
_KNOWN = """
exists (
    select from {relation} i
    where i.site_id = r.site_id collate "default" and i.visitor_id = r.anonymous_id collate "default"
        and i.from_at <= r.occurred_at
)
"""
_DELETE = """
with gone as (
    delete from {name} r
    where r.ctid >= cast(:first as tid) and r.ctid < cast(:end as tid) and {of_kind}
    returning pg_column_size(r.*) as size
)
select count(*) as rows, cast(coalesce(sum(size), 0) as bigint) as bytes from gone
"""
# A copy that lost goes when its event does, which lies on a day beside it.
_LOST_COPIES = """
delete from raw.lost_copies l
where l.event_date between cast(:day as date) - 1 and cast(:day as date)
    and l.event_date in (select event_date from ops.frozen_days)
    and not exists (
        select from raw.events e
        where e.site_id = l.site_id and e.event_id = l.event_id
            and e.event_date between cast(:day as date) - 2 and cast(:day as date) + 1
    )
"""
