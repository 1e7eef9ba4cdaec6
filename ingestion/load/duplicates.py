"""One event counts once: find the other copies of what a file brought, keep the first received, count the rest.

Copies share site and event id and lie on the same day or on days that follow each other (a retry's corrected time may
fall on the other side of midnight). The order in which files are loaded does not decide which
copy counts. Where a copy lost to one of another day, its day is remembered, because it connects the days on either
side of it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import BigInteger, Connection, Date, bindparam, text

from ingestion.load.rows import COLUMNS
from warehouse.postgres.statements import statement
from warehouse.publication.dirty_days import Cause, SiteDay, mark

MAX_PAYLOAD = 16_384
"""Number of characters stored of a line that could not be loaded."""

CLIENT_COLUMNS = (
    *("event_name", "anonymous_id", "user_id", "client_session_id", "client_timestamp", "page_url", "page_title"),
    *("referrer", "page_type", "page_identifier", "screen_width", "screen_height", "properties", "context"),
    *("page_view_id", "page_host", "language"),
)
"""Columns with the client's own data. Copies that agree on them are duplicates; others are in conflict.

So are copies that the client counted differently; a sequence that it did not count itself says nothing.
"""
_SAID = {
    name: f"case when starts_with(e.anonymous_id, 'cookieless:') then null else e.{name} end"
    for name in ("anonymous_id", "page_view_id")
}
"""What the client said of columns that hold more: the device of a cookieless site depends on how a copy arrived."""


@dataclass
class Deduplicated:
    """The result for the rows of one file."""

    duplicates: int = 0
    conflicts: int = 0
    lost_on: dict[SiteDay, int] = field(default_factory=dict)
    """Site and day → number of rows of this file that were deleted again."""


def create_keys(connection: Connection) -> None:
    """Make the temporary table that holds the keys of the file being loaded."""
    connection.exec_driver_sql(
        'create temporary table loading_keys (site_id text collate "C", event_id text collate "C") on commit drop'
    )


def deduplicate(connection: Connection, file_id: int, days: set[date]) -> Deduplicated:
    """Delete every copy but the first received, with its contact, and correct the counts of its file.

    The days must be deduplicated by one transaction at a time (the lock DEDUPLICATION). Conflicts go to raw.rejects.
    """
    deduplicated = Deduplicated()
    if not days:
        return deduplicated
    _analyse_new_days(connection, days)
    first, last = min(days) - _DAY, max(days) + _DAY
    lost = connection.exec_driver_sql(_LOST_DAYS).one()
    first_joined, last_joined = min(first, (lost.first or first) - _DAY), max(last, (lost.last or last) + _DAY)
    losers = connection.execute(
        _DEDUPLICATE,
        {"file_id": file_id, "first": first, "last": last, "first_joined": first_joined, "last_joined": last_joined},
    )
    for loser in losers:
        day = SiteDay(loser.site_id, loser.event_date)
        if loser.file_id == file_id:
            deduplicated.lost_on[day] = deduplicated.lost_on.get(day, 0) + 1
            deduplicated.conflicts += loser.is_conflict
            deduplicated.duplicates += not loser.is_conflict
        else:
            _correct_earlier_file(connection, loser.file_id, day, loser.is_conflict)
    return deduplicated


def _analyse_new_days(connection: Connection, days: set[date]) -> None:
    """Analyse new partitions, once each, so that the planner knows that ids hardly repeat there.

    Without that, it reads and sorts the whole day for each file. Statistics of few rows stay true for many.
    """
    connection.execute(text("select raw.tell_planner(:days)"), {"days": sorted(days)})


_DAY = timedelta(days=1)

_PAYLOAD_COLUMNS = (*(column for column in COLUMNS if column not in ("file_id", "properties")), "properties")
"""What a reject of a conflict holds. What may be long comes last: it is cut, and ids must not be."""

_DEDUPLICATE = statement(
    __file__,
    "deduplicate",
    said=", ".join(_SAID.get(column, f"e.{column}") for column in CLIENT_COLUMNS),
    payload=", ".join(f"d.{column}" for column in _PAYLOAD_COLUMNS),
    by_bytes="using operator(pg_catalog.*<)",
    differs_from="operator(pg_catalog.*<>)",
).bindparams(
    bindparam("file_id", type_=BigInteger, literal_execute=True),
    bindparam("most", MAX_PAYLOAD),
    # Written into the statement: from a parameter the planner could not choose the partitions.
    *(bindparam(day, type_=Date, literal_execute=True) for day in ("first", "last", "first_joined", "last_joined")),
)

_LOST_DAYS = """
select min(l.event_date) as first, max(l.event_date) as last
from raw.lost_copies l
join loading_keys k using (site_id, event_id)
"""


def _correct_earlier_file(connection: Connection, file_id: int, day: SiteDay, is_conflict: bool) -> None:
    counter = "rejected_count" if is_conflict else "duplicate_count"
    connection.execute(
        text(
            f"update ops.landed_files set loaded_count = loaded_count - 1, {counter} = {counter} + 1"
            " where file_id = :file_id"
        ),
        {"file_id": file_id},
    )
    mark(connection, [day], Cause.EARLIER_COPY, file_id)
