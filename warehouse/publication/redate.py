"""A site's new timezone: its raw events move to the days of that zone, day by day, and all of these days become dirty.

Frozen days stay as they are, with their events, and take none. What is published stays until the days are built again,
all in one slice.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, Engine, text

from runtime.failpoints import reach
from warehouse.access.sites import require_site, require_zone
from warehouse.access.zones import knows_zone
from warehouse.postgres.locks import DEDUPLICATION, LOADS, exclusive
from warehouse.publication.completeness import forget_events
from warehouse.publication.dirty_days import Cause, mark_found
from warehouse.tables.partitions import ensure_partition


def change_zone(connection: Connection, site: str, timezone: str) -> int:
    """Give the site the timezone, and mark every old and new day of its raw events. The caller holds CANDIDATE.

    Later loads date by the new zone. Nothing is built until `redate` has moved what was loaded before.

    Returns:
        Number of days marked.

    Raises:
        SiteError: no such site, or the timezone is unknown.
    """
    require_site(connection, site)
    require_zone(connection, timezone)
    exclusive(connection, LOADS)  # Loads that date by the zone of before end first.
    values = {"site": site, "zone": timezone, "cause": Cause.TIMEZONE}
    connection.execute(text("update ops.sites set timezone = :zone where site_id = :site"), values)
    connection.execute(text("insert into ops.redated_sites (site_id) values (:site) on conflict do nothing"), values)
    connection.execute(text("delete from ops.unbuilt_days where site_id = :site"), values)
    # A candidate of before has the days of before.
    connection.execute(text("update ops.candidates set state = 'abandoned' where state in ('building', 'built')"))
    return mark_found(connection, _DAYS, values)


def redate(engine: Engine, site: str) -> Iterator[date]:
    """Move the site's raw events to the days of its timezone, and give each day whose events were moved.

    Each day is a transaction; it may be killed and run again. `engine` connects as the administrator. The caller holds
    CANDIDATE.
    """
    values = {"site": site}
    with engine.begin() as connection:
        zone: str = connection.execute(
            text("select timezone from ops.sites where site_id = :site"), values
        ).scalar_one()
        if not knows_zone(connection, zone):
            return
        if not connection.scalar(text("select 1 from ops.redated_sites where site_id = :site"), values):
            change_zone(connection, site, zone)
    with engine.connect() as connection:
        query = f"{_MOVING} select event_date, new_date from moving group by event_date, new_date"
        moves = {(row[0], row[1]) for row in connection.execute(text(query), values | {"zone": zone})}
    for _, new_day in moves:
        ensure_partition(engine, new_day)
    for day in sorted({old_day for old_day, _ in moves}):
        with engine.begin() as connection:
            exclusive(connection, DEDUPLICATION)  # It finds rows by their place.
            _move(connection, site, zone, day)
            reach("redate:day", connection)
        yield day
    with engine.begin() as connection:
        connection.execute(text("delete from ops.redated_sites where site_id = :site"), values)


def _move(connection: Connection, site: str, zone: str, day: date) -> None:
    values = {"site": site, "zone": zone, "day": day, "cause": Cause.TIMEZONE}
    connection.exec_driver_sql(
        "create temporary table redated_events"
        ' (file_id bigint, line_number integer, event_id text collate "C", new_date date) on commit drop'
    )
    connection.execute(
        text(
            f"{_MOVING} insert into redated_events select file_id, line_number, event_id, new_date from moving"
            " where event_date = :day"
        ),
        values,
    )
    connection.exec_driver_sql("analyze redated_events")
    moved = (
        "select cast(:site as text) as site_id, new_date as event_date, cast(:cause as text) as cause"
        " from redated_events"
    )
    left = "select cast(:site as text), cast(:day as date), cast(:cause as text) from redated_events"
    mark_found(connection, f"{moved} union {left}", values)
    # The day was published from them; a later build of it without them is complete all the same.
    forget_events(connection, "redated_events")
    for relation, narrowed in (("raw.events", "and e.event_date = :day"), ("ops.contact_vault", "")):
        connection.execute(
            text(
                f"update {relation} e set event_date = r.new_date from redated_events r"
                f" where e.file_id = r.file_id and e.line_number = r.line_number {narrowed}"
            ),
            values,
        )
    # Where copies of them were lost, the days of before still connect those on either side.
    connection.execute(
        text(
            "insert into raw.lost_copies (site_id, event_id, event_date)"
            " select l.site_id, l.event_id, r.new_date from redated_events r"
            " join raw.lost_copies l on l.site_id = :site and l.event_id = r.event_id"
            " on conflict do nothing"
        ),
        values,
    )


_DAY = "cast(occurred_at at time zone :zone as date)"
_FROZEN = "(select event_date from ops.frozen_days)"
_MOVING = f"""
with moving as (
    select file_id, line_number, event_id, event_date, {_DAY} as new_date
    from raw.events
    where site_id = :site and event_date <> {_DAY} and event_date not in {_FROZEN} and {_DAY} not in {_FROZEN}
)
"""
_DAYS = f"""
select distinct cast(:site as text) as site_id, days.event_date, cast(:cause as text) as cause
from (select distinct event_date, {_DAY} as new_date from raw.events where site_id = :site) as dated
cross join lateral (values (dated.event_date), (dated.new_date)) as days (event_date)
"""
