"""Whether the raw events that a day was published from are still loaded. If some are missing, published rows stay."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from warehouse.postgres.statements import statement
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


_FINGERPRINT = "cast(coalesce(sum(cast(hashtextextended(e.site_id || '/' || e.event_id, 0) as numeric)), 0) as text)"
"""Hash of a day's raw events, independent of their order."""


def record_days(connection: Connection, candidate: Candidate) -> None:
    """Record the raw events that the candidate is certainly built from.

    Events of files whose marks it does not cover are left out: the build may have missed them.
    """
    connection.execute(
        statement(__file__, "record_days", fingerprint=_FINGERPRINT),
        {"candidate_id": candidate.candidate_id, "first": candidate.slice.first, "last": candidate.slice.last},
    )


def forget_events(connection: Connection, going: str) -> None:
    """Subtract the raw events in `going` from those recorded for published days. The caller deletes the events."""
    connection.execute(statement(__file__, "forget_events", fingerprint=_FINGERPRINT, going=going))


def require_complete(connection: Connection, wanted: Slice) -> None:
    """Refuse to build days again whose raw events are incomplete: published figures would be lost.

    Raises:
        SliceError: raw events of one of them have gone missing.
    """
    if found := _incomplete_days(connection, wanted):
        raise SliceError(f"{found[0]}; a rebuild would lose what is published. Choose other days.")


def complete_days(connection: Connection) -> list[date]:
    """Return the published days whose raw events are complete, oldest first: these may be built again."""
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


def frozen_days(connection: Connection) -> list[date]:
    """Return the published days that are frozen, oldest first: no build changes them."""
    rows = connection.execute(
        text(
            "select event_date from ops.published_days"
            " where event_date in (select event_date from ops.frozen_days) order by event_date"
        )
    )
    return list(rows.scalars())


def _incomplete_days(connection: Connection, wanted: Slice) -> list[IncompleteDay]:
    """Return the days of the slice whose published rows were built from raw events that are missing now."""
    rows = connection.execute(
        statement(__file__, "incomplete_days", fingerprint=_FINGERPRINT),
        {"first": wanted.first, "last": wanted.last},
    )
    return [IncompleteDay(row.event_date, row.raw_events, row.found) for row in rows]


def freeze_incomplete_days(connection: Connection, wanted: Slice) -> list[IncompleteDay]:
    """Freeze the incomplete days of the slice: their published rows stay for good. Return these days."""
    found = _incomplete_days(connection, wanted)
    if found:
        days = {"days": [incomplete.day for incomplete in found]}
        connection.execute(
            text("insert into ops.frozen_days (event_date, reason) select unnest(cast(:days as date[])), 'incomplete'"),
            days,
        )
        clear_days(connection, days["days"])
    return found
