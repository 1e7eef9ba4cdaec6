"""One event counts once: find the other copies of what a file brought, keep the first received, count the rest.

Copies share site and event id and lie on the same day or on days that follow each other (a retry's corrected time may
fall on the other side of midnight). Which copy was first received does not depend on which file was loaded first: a day
on which a copy lost to one of another day is remembered, because it joins the days on either side of it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, text

from warehouse.publication.dirty_days import Cause, mark

CLIENT_COLUMNS = (
    *("event_name", "anonymous_id", "user_id", "client_session_id", "client_timestamp", "page_url", "page_title"),
    *("referrer", "page_type", "page_identifier", "screen_width", "screen_height", "properties"),
)
"""What the client said. Copies that agree on it are duplicates; those that do not are in conflict."""


@dataclass
class Deduplicated:
    """What became of the rows of one file."""

    duplicates: int = 0
    conflicts: int = 0
    lost_on: dict[date, int] = field(default_factory=dict)
    """Rows of this file that were taken out again, by day."""


def create_keys(connection: Connection) -> None:
    """Make the temporary table that holds the keys of the file being loaded."""
    connection.exec_driver_sql(
        'create temporary table loading_keys (site_id text collate "C", event_id text collate "C") on commit drop'
    )


def deduplicate(connection: Connection, file_id: int, days: set[date]) -> Deduplicated:
    """Take out every copy but the first received, of this file or of earlier ones, its contact with it, and correct
    their counts.

    The days must be deduplicated by one transaction at a time (the lock DEDUPLICATION). Conflicts go to raw.rejects.
    """
    deduplicated = Deduplicated()
    if not days:
        return deduplicated
    _tell_planner(connection, days)
    first, last = min(days) - _DAY, max(days) + _DAY
    lost = connection.exec_driver_sql(_LOST_DAYS).one()
    reach = {
        "first_joined": min(first, (lost.first or first) - _DAY),
        "last_joined": max(last, (lost.last or last) + _DAY),
    }
    losers = connection.exec_driver_sql(_DEDUPLICATE.format(file_id=file_id, first=first, last=last, **reach))
    for loser in losers:
        if loser.file_id == file_id:
            deduplicated.lost_on[loser.event_date] = deduplicated.lost_on.get(loser.event_date, 0) + 1
            deduplicated.conflicts += loser.is_conflict
            deduplicated.duplicates += not loser.is_conflict
        else:
            _correct_earlier_file(connection, loser.file_id, loser.event_date, loser.is_conflict)
    return deduplicated


def _tell_planner(connection: Connection, days: set[date]) -> None:
    """Let it know of new partitions that ids hardly repeat there: else it reads and sorts all of the day for each file.

    Once per partition; what is learnt of few rows stays true of many.
    """
    connection.execute(text("select raw.tell_planner(:days)"), {"days": sorted(days)})


_DAY = timedelta(days=1)

_SAID = ", ".join(f"e.{column}" for column in CLIENT_COLUMNS)

_LOST_DAYS = """
select min(l.event_date) as first, max(l.event_date) as last
from raw.lost_copies l
join loading_keys k using (site_id, event_id)
"""

_DEDUPLICATE = f"""
with keys as (
    select site_id, event_id, count(*) as copy_count
    from loading_keys
    group by site_id, event_id
),

repeated as (
    select site_id, event_id
    from keys
    where copy_count > 1
    union
    select site_id, event_id
    from keys
    join raw.events e using (site_id, event_id)
    where e.event_date between '{{first}}' and '{{last}}' and e.file_id <> {{file_id}}
    union
    select site_id, event_id
    from keys
    join raw.lost_copies l using (site_id, event_id)
    where l.event_date between '{{first}}' and '{{last}}'
),

copies as (
    select e.*, e.tableoid as part, e.ctid as place, row({_SAID})::text as said
    from raw.events e
    join repeated using (site_id, event_id)
    where e.event_date between '{{first_joined}}' and '{{last_joined}}'
),

days as (
    -- Days that follow each other share this value: an id used again days later is another event.
    select
        site_id,
        event_id,
        event_date,
        event_date - row_number() over (partition by site_id, event_id order by event_date)::int as run_of_days
    from (
        select site_id, event_id, event_date from copies
        union
        select site_id, event_id, event_date from raw.lost_copies join repeated using (site_id, event_id)
    ) seen
),

ranked as (
    select
        *,
        row_number() over first_received as copy_number,
        first_value(said) over first_received as first_said,
        first_value(event_date) over first_received as first_date
    from copies
    join days using (site_id, event_id, event_date)
    window first_received as (
        partition by site_id, event_id, run_of_days order by received_at, said, occurred_at, file_id, line_number
    )
),

losers as (
    select *, said <> first_said as is_conflict
    from ranked
    where copy_number > 1
),

deleted as (
    delete from raw.events e
    using losers l
    where e.tableoid = l.part and e.ctid = l.place
        and e.event_date between '{{first}}' and '{{last}}'
),

forgotten as (
    delete from ops.contact_vault v
    using losers l
    where v.file_id = l.file_id and v.line_number = l.line_number
),

remembered as (
    insert into raw.lost_copies (site_id, event_id, event_date)
    select distinct site_id, event_id, event_date from losers where event_date <> first_date
    on conflict do nothing
),

rejected as (
    insert into raw.rejects (file_id, line_number, site_id, received_at, reason, field, payload)
    select
        file_id, line_number, site_id, received_at, 'id_conflict', 'event_id',
        (
            to_jsonb(losers)
            - array['said', 'first_said', 'first_date', 'run_of_days', 'copy_number', 'is_conflict']
            - array['file_id', 'part', 'place']
        )::text
    from losers
    where is_conflict
)

select file_id, event_date, is_conflict from losers
"""


def _correct_earlier_file(connection: Connection, file_id: int, day: date, is_conflict: bool) -> None:
    counter = "rejected_count" if is_conflict else "duplicate_count"
    connection.execute(
        text(
            f"update ops.landed_files set loaded_count = loaded_count - 1, {counter} = {counter} + 1"
            " where file_id = :file_id"
        ),
        {"file_id": file_id},
    )
    mark(connection, [day], Cause.EARLIER_COPY, file_id)
