"""Which days to build of which sites: from dirty marks to a slice, and from a slice to a candidate.

A slice is a run of days of some sites; a candidate is what one build makes of it. Nothing here models or publishes.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.access.zones import buildable_sites, sites_to_redate
from warehouse.publication.dirty_days import Cause, SiteDay, mark

DAY = timedelta(days=1)
FEW = 3


class SliceError(FootfallError):
    """Days that cannot be built, and why."""


@dataclass(frozen=True)
class Slice:
    """A run of days, both ends included, of some sites."""

    first: date
    last: date
    sites: frozenset[str] | None = None
    """None: all sites."""

    def __str__(self) -> str:
        days = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        if self.sites is None:
            return days
        return f"{days} of {', '.join(sorted(self.sites)) if len(self.sites) <= FEW else f'{len(self.sites)} sites'}"

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
        raise SliceError(f"{days!r} ends before it starts: give the earlier day first")
    return wanted


def next_run(
    waiting: Collection[SiteDay], held: Collection[SiteDay], max_days: int, newest_first: bool
) -> Slice | None:
    """Choose the next slice of what waits to be built: a run of days without a gap, and sites of which none is held.

    The run goes on while at least half of its sites wait on the next day, too: a site alone with many old days gets
    slices of its own. A site that is held on one of the days is left out, and so is what waits of it.

    Returns:
        At most `max_days` days, from the newest or the oldest on; None when nothing waits.
    """
    sites: dict[date, set[str]] = {}
    for site, day in waiting:
        sites.setdefault(day, set()).add(site)
    if not sites:
        return None
    day, step = (max(sites), -DAY) if newest_first else (min(sites), DAY)
    days, together = [day], sites[day]
    left_out = {site for site, held_on in held if held_on == day}
    while len(days) < max_days:
        day += step
        left_out |= {site for site, held_on in held if held_on == day}
        going_on = sites.get(day, set()) & together - left_out
        if not going_on or 2 * len(going_on) < len(together):
            break
        days.append(day)
        together = (together | sites[day]) - left_out
    return Slice(min(days), max(days), frozenset(together))


def ask_for_rebuild(connection: Connection, days: Collection[date]) -> None:
    """Mark days to be built again.

    Raises:
        SliceError: raw events of one of them are gone, so that a rebuild would lose what is published.
    """
    refuse_frozen(connection, days)
    sites: Sequence[str] = connection.execute(text("select site_id from ops.sites")).scalars().all()
    mark(connection, [SiteDay(site, day) for site in sites for day in days], Cause.REBUILD)


def refuse_frozen(connection: Connection, days: Collection[date]) -> None:
    """Refuse days whose raw events are gone.

    Raises:
        SliceError: they are, of one of the days.
    """
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
    refuse_frozen(connection, wanted.days)
    if moving := sites_to_redate(connection):
        raise SliceError(
            f"events of {', '.join(moving)} are being moved to the days of another timezone; footfall nightly"
        )
    candidate = Candidate(uuid.uuid4(), wanted)
    sites = buildable_sites(connection) & wanted.sites if wanted.sites else buildable_sites(connection)
    values = {
        "candidate_id": candidate.candidate_id,
        "first": wanted.first,
        "last": wanted.last,
        "sites": sorted(sites),
        "code_version": code_version,
    }
    connection.execute(text("update ops.candidates set state = 'abandoned' where state in ('building', 'built')"))
    set_days(connection, "audit", wanted, sites)
    connection.execute(
        text(
            "insert into ops.candidates"
            " (candidate_id, first_date, last_date, sites, mark_ids, built_on_publication_id, code_version, state)"
            " select :candidate_id, :first, :last, :sites,"
            "  array(select mark_id from ops.dirty_days where event_date between :first and :last"
            "   and site_id = any(:sites) order by mark_id),"
            "  (select max(publication_id) from ops.publications), :code_version, 'building'"
        ),
        values,
    )
    return candidate


def set_days(connection: Connection, schema: str, wanted: Slice, sites: Collection[str]) -> None:
    """Set the days of these sites up for a build in the schema."""
    connection.execute(text(f"delete from {schema}.slice_days"))
    connection.execute(
        text(
            f"insert into {schema}.slice_days (site_id, event_date, starts_at, ends_at)"
            " select site_id, day::date, day at time zone timezone, (day + interval '1 day') at time zone timezone"
            " from ops.sites, generate_series(cast(:first as timestamp), cast(:last as timestamp), '1 day') as day"
            " where site_id = any(:sites)"
        ),
        {"first": wanted.first, "last": wanted.last, "sites": sorted(sites)},
    )
    # Too small for autovacuum to analyse, but part of every plan.
    connection.execute(text(f"analyze {schema}.slice_days"))


def finish_candidate(connection: Connection) -> None:
    """Record that every model of the newest candidate is built.

    Raises:
        SliceError: none is being built.
    """
    finished = connection.execute(
        text("update ops.candidates set state = 'built', built_at = now() where state = 'building'")
    ).rowcount
    if not finished:
        raise SliceError("no candidate is being built: `footfall nightly` begins one")


def newest_candidate(connection: Connection) -> Candidate:
    """Return the candidate that was begun last, complete or not, with its sites."""
    row = connection.execute(
        text(
            "select candidate_id, first_date, last_date, sites from ops.candidates where state in ('building', 'built')"
        )
    ).one()
    return Candidate(row.candidate_id, Slice(row.first_date, row.last_date, frozenset(row.sites)))


def is_proven(connection: Connection, candidate: Candidate) -> bool:
    """Whether its models have built what is published of another site than the candidate's."""
    found = text(
        "select exists (select from ops.publications p join ops.candidates c using (candidate_id)"
        " join ops.candidates mine on mine.code_version = c.code_version"
        " where mine.candidate_id = :candidate_id and not c.sites <@ mine.sites)"
    )
    return bool(connection.scalar(found, {"candidate_id": candidate.candidate_id}))


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
