"""Whether raw events still hold all that a day was published from. Where they do not, what is published stays."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from warehouse.publication.dirty_days import clear_days
from warehouse.publication.slices import Candidate, Slice, SliceError


@dataclass(frozen=True)
class IncompleteDay:
    """A day of which raw events are missing."""

    day: date
    published_from: int
    found: int

    def __str__(self) -> str:
        left = "others" if self.found == self.published_from else f"{self.found:,}"
        return f"{self.day}: published from {self.published_from:,} raw events, {left} are left"


_FINGERPRINT = "coalesce(sum(hashtextextended(site_id || '/' || event_id, 0)::numeric), 0)::text"
"""Of a day's raw events, whatever their order."""


def record_days(connection: Connection, candidate: Candidate) -> None:
    """Note which raw events the candidate is built from at the least: not those whose marks it does not cover."""
    connection.execute(
        text(
            "insert into ops.candidate_days (candidate_id, event_date, raw_events, raw_fingerprint)"
            " select :candidate_id, day::date, count(event_id),"
            f"  {_FINGERPRINT}"
            " from generate_series(cast(:first as timestamp), cast(:last as timestamp), '1 day') as day"
            " left join raw.events e on event_date = day::date and event_date between :first and :last"
            "  and not exists (select from ops.dirty_days m where m.file_id = e.file_id and m.event_date = e.event_date"
            "   and mark_id not in (select unnest(mark_ids) from ops.candidates where candidate_id = :candidate_id))"
            " group by day"
        ),
        {"candidate_id": candidate.candidate_id, "first": candidate.slice.first, "last": candidate.slice.last},
    )


def forget_events(connection: Connection, going: str) -> None:
    """Let published days rest on what is left when the raw events in `going` are deleted, in the same transaction."""
    connection.execute(
        text(
            "update ops.candidate_days d set raw_events = d.raw_events - gone.raw_events,"
            " raw_fingerprint = (d.raw_fingerprint::numeric - gone.fingerprint::numeric)::text"
            f" from (select event_date, count(*) as raw_events, {_FINGERPRINT} as fingerprint"
            f"  from raw.events e where (file_id, line_number) in (select file_id, line_number from {going})"
            "  and not exists (select from ops.dirty_days m"
            "   where m.file_id = e.file_id and m.event_date = e.event_date and m.cause = 'events_loaded')"
            "  group by event_date) gone"
            " join ops.published_days p using (event_date) join ops.publications using (publication_id)"
            " where d.event_date = gone.event_date and d.candidate_id = publications.candidate_id"
        )
    )


def require_complete(connection: Connection, wanted: Slice) -> None:
    """Refuse to build days again that would lose what is published.

    Raises:
        SliceError: raw events of one of them have gone missing.
    """
    if found := _incomplete_days(connection, wanted):
        raise SliceError(f"{found[0]}; a rebuild would lose what is published. Choose other days.")


def complete_days(connection: Connection) -> list[date]:
    """Published days of which raw events still hold everything: what may be built again, oldest first."""
    published: list[date] = list(
        connection.execute(
            text(
                "select event_date from ops.published_days"
                " where event_date not in (select event_date from ops.frozen_days) order by event_date"
            )
        ).scalars()
    )
    if not published:
        return []
    incomplete = {found.day for found in _incomplete_days(connection, Slice(published[0], published[-1]))}
    return [day for day in published if day not in incomplete]


def _incomplete_days(connection: Connection, wanted: Slice) -> list[IncompleteDay]:
    """Days of the slice with fewer raw events than they were published from, or others; those left out that came since.

    Each mark `earlier_copy` stands for one event that since then was found to belong to a neighbouring day.
    """
    rows = connection.execute(
        text(
            "select p.event_date, p.raw_events, coalesce(r.found, 0) as found from ops.published_days p"
            f" left join (select event_date, count(*) as found, {_FINGERPRINT} as fingerprint from raw.events e"
            "  where event_date between :first and :last and event_date in (select event_date from ops.published_days)"
            "  and not exists (select from ops.dirty_days m"
            "   where m.file_id = e.file_id and m.event_date = e.event_date and m.cause = 'events_loaded')"
            "  group by event_date) r using (event_date)"
            " left join (select event_date, count(*) as moved from ops.dirty_days"
            "  where cause = 'earlier_copy' group by event_date) m using (event_date)"
            " where p.event_date between :first and :last"
            " and (coalesce(r.found, 0) + coalesce(m.moved, 0) < p.raw_events"
            "  or (r.found = p.raw_events and m.moved is null and r.fingerprint <> p.raw_fingerprint))"
            " and p.event_date not in (select event_date from ops.frozen_days) order by p.event_date"
        ),
        {"first": wanted.first, "last": wanted.last},
    )
    return [IncompleteDay(row.event_date, row.raw_events, row.found) for row in rows]


def freeze_incomplete_days(connection: Connection, wanted: Slice) -> list[IncompleteDay]:
    """Let what is published of incomplete days stay as it is, for good, and say which these are."""
    found = _incomplete_days(connection, wanted)
    if found:
        days = {"days": [incomplete.day for incomplete in found]}
        connection.execute(
            text("insert into ops.frozen_days (event_date, reason) select unnest(cast(:days as date[])), 'incomplete'"),
            days,
        )
        clear_days(connection, days["days"])
    return found
