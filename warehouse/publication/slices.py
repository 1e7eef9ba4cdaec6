"""Which days to build: from dirty marks to a slice, and from a slice to a candidate.

A slice is a run of days; a candidate is what one build makes of it. Nothing here models or publishes.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.access.zones import left_out, sites_to_redate
from warehouse.publication.dirty_days import Cause, mark

DAY = timedelta(days=1)


class SliceError(FootfallError):
    """Days that cannot be built, and why."""


@dataclass(frozen=True)
class Slice:
    """A run of days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def days(self) -> list[date]:
        """Each day of it."""
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Candidate:
    """One build of a slice, in the schemas staging, intermediate and audit."""

    candidate_id: uuid.UUID
    slice: Slice


def parse_days(days: str) -> Slice:
    """Read `2026-11-01..2026-11-07`, or a single day.

    Raises:
        SliceError: the text has another form, or the end lies before the start.
    """
    first, _, last = days.partition("..")
    try:
        wanted = Slice(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        raise SliceError(f"{days!r} is neither a day, 2026-11-01, nor a span, 2026-11-01..2026-11-07") from None
    if wanted.last < wanted.first:
        raise SliceError(f"{days!r} ends before it starts")
    return wanted


def runs(days: Collection[date], max_days: int) -> Iterator[Slice]:
    """Cut days into runs without a gap, none longer than `max_days`, in order."""
    first = last = None
    for day in sorted(set(days)):
        if first is None or last is None:
            first = last = day
        elif day == last + DAY and (day - first).days < max_days:
            last = day
        else:
            yield Slice(first, last)
            first = last = day
    if first is not None and last is not None:
        yield Slice(first, last)


def ask_for_rebuild(connection: Connection, days: Collection[date]) -> None:
    """Mark days to be built again.

    Raises:
        SliceError: raw events of one of them are gone, so that a rebuild would lose what is published.
    """
    _refuse_frozen(connection, days)
    mark(connection, days, Cause.REBUILD)


def _refuse_frozen(connection: Connection, days: Collection[date]) -> None:
    frozen: Sequence[date] = (
        connection.execute(
            text("select event_date from ops.frozen_days where event_date = any(:days) order by event_date"),
            {"days": list(days)},
        )
        .scalars()
        .all()
    )
    if frozen:
        raise SliceError(
            f"raw events of {frozen[0]}{f' and {len(frozen) - 1} more days' if frozen[1:] else ''} are gone, all or"
            " some, pruned by retention or missing; what is published of them stays as it is. Choose other days."
        )


def begin_candidate(connection: Connection, wanted: Slice, code_version: str) -> Candidate:
    """Set the slice up for dbt, and record which marks the candidate covers. Unfinished candidates are abandoned.

    Raises:
        SliceError: raw events of one of its days are gone.
    """
    _refuse_frozen(connection, wanted.days)
    if sites := sites_to_redate(connection):
        raise SliceError(
            f"events of {', '.join(sites)} are being moved to the days of another timezone; footfall nightly"
        )
    unknown = [site.site_id for site in left_out(connection)]
    candidate = Candidate(uuid.uuid4(), wanted)
    connection.execute(text("update ops.candidates set state = 'abandoned' where state in ('building', 'built')"))
    connection.execute(text("delete from audit.slice_days"))
    connection.execute(
        text(
            "insert into audit.slice_days (site_id, event_date, starts_at, ends_at)"
            " select site_id, day::date, day at time zone timezone, (day + interval '1 day') at time zone timezone"
            " from ops.sites, generate_series(cast(:first as timestamp), cast(:last as timestamp), '1 day') as day"
            " where site_id <> all(:unknown)"
        ),
        {"first": wanted.first, "last": wanted.last, "unknown": unknown},
    )
    connection.execute(
        text(
            "insert into ops.unbuilt_days (site_id, event_date) select site_id, day::date"
            " from unnest(cast(:unknown as text[])) as site_id,"
            " generate_series(cast(:first as timestamp), cast(:last as timestamp), '1 day') as day"
            " on conflict do nothing"
        ),
        {"first": wanted.first, "last": wanted.last, "unknown": unknown},
    )
    # Too small for autovacuum to analyse, but part of every plan.
    connection.execute(text("analyze audit.slice_days"))
    connection.execute(
        text(
            "insert into ops.candidates"
            " (candidate_id, first_date, last_date, mark_ids, built_on_publication_id, code_version, state)"
            " select :candidate_id, :first, :last,"
            "  array(select mark_id from ops.dirty_days where event_date between :first and :last order by mark_id),"
            "  (select max(publication_id) from ops.publications), :code_version, 'building'"
        ),
        {
            "candidate_id": candidate.candidate_id,
            "first": wanted.first,
            "last": wanted.last,
            "code_version": code_version,
        },
    )
    return candidate


def finish_candidate(connection: Connection) -> None:
    """Record that every model of the newest candidate is built.

    Raises:
        SliceError: none is being built.
    """
    finished = connection.execute(
        text("update ops.candidates set state = 'built', built_at = now() where state = 'building'")
    ).rowcount
    if not finished:
        raise SliceError("no candidate is being built")


def current_candidate(connection: Connection) -> Candidate:
    """Return the candidate that is complete in schema audit.

    Raises:
        SliceError: there is none.
    """
    row = connection.execute(
        text("select candidate_id, first_date, last_date from ops.candidates where state = 'built'")
    ).first()
    if not row:
        raise SliceError("there is no candidate; `footfall build` makes one")
    return Candidate(row.candidate_id, Slice(row.first_date, row.last_date))
