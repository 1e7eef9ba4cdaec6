"""Whether raw events still hold all that a day was published from. Where they do not, what is published stays."""

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
"""Of a day's raw events, whatever their order."""


def record_days(connection: Connection, candidate: Candidate) -> None:
    """Record the raw events that the candidate is built from at the least: not those whose marks it does not cover."""
    connection.execute(
        statement(__file__, "record_days", fingerprint=_FINGERPRINT),
        {"candidate_id": candidate.candidate_id, "first": candidate.slice.first, "last": candidate.slice.last},
    )


def forget_events(connection: Connection, going: str) -> None:
    """Let published days rest on what is left when the raw events in `going` are deleted, in the same transaction."""
    connection.execute(statement(__file__, "forget_events", fingerprint=_FINGERPRINT, going=going))


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
    """Days of the slice that were published from more raw events than are loaded now, or from as many others."""
    rows = connection.execute(
        statement(__file__, "incomplete_days", fingerprint=_FINGERPRINT),
        {"first": wanted.first, "last": wanted.last},
    )
    return [IncompleteDay(row.event_date, row.raw_events, row.found) for row in rows]


def freeze_incomplete_days(connection: Connection, wanted: Slice) -> list[IncompleteDay]:
    """Let what is published of incomplete days stay as it is, for good, and return which these are."""
    found = _incomplete_days(connection, wanted)
    if found:
        days = {"days": [incomplete.day for incomplete in found]}
        connection.execute(
            text("insert into ops.frozen_days (event_date, reason) select unnest(cast(:days as date[])), 'incomplete'"),
            days,
        )
        clear_days(connection, days["days"])
    return found
