"""Days of a site that failed their checks: they stay as they were published, and all others are published without them.

A held day is built again as soon as something marks it anew, or a person accepts its figures. The marks that it has
stay, so that it counts as dirty until it is published.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.publication.dirty_days import LOADS, OF_THE_NIGHT, Cause, SiteDay, mark

MODEL_BUILT = "model_is_built"
"""What stands in place of an expectation where a model could not be built."""


class AcceptError(FootfallError):
    """What cannot be accepted, and why."""


@dataclass(frozen=True)
class Failure:
    """A model that was not built, or an expectation that failed or was not carried out, because of rows."""

    mart: str
    expectation: str
    reason: str
    """In words for a person, without values of rows."""
    may_pass: bool = field(default=False, kw_only=True)
    """Whether the server's load can be the reason, too, so that another attempt may succeed."""


@dataclass(frozen=True)
class Offence(Failure):
    """A site, and the day if it is known, for which something failed."""

    site_id: str
    day: date | None
    figure: Decimal | None = None
    usual: Decimal | None = None
    holds_others: bool = False
    """Whether all other days of the site wait for it: nothing was built that says which of them depend on it."""


@dataclass(frozen=True)
class HeldDay:
    """A day of a site that is held back, and why."""

    site_id: str
    day: date
    mart: str
    expectation: str
    reason: str
    figure: Decimal | None
    usual: Decimal | None
    because_of: date | None

    def __str__(self) -> str:
        if self.because_of:
            return f"site {self.site_id}, {self.day} is held back: it depends on {self.because_of}"
        what = f"model {self.mart}" if self.expectation == MODEL_BUILT else f"{self.mart}.{self.expectation}"
        if self.figure is None:
            return f"site {self.site_id}, {self.day} is held back: {what}: {self.reason}"
        return (
            f"site {self.site_id}, {self.day} is held back: {what}: {_plain(self.figure)}, usual are"
            f" {_plain(self.usual)}; if that is right: footfall accept --site {self.site_id} --day {self.day}"
            f" --check {self.expectation} --reason '…'"
        )


def list_held(connection: Connection) -> list[HeldDay]:
    """Return the days that are held back, by site and day."""
    rows = connection.execute(
        text(
            "select site_id, event_date as day, mart, expectation, reason, figure, usual, because_of from ops.held_days"
            " order by site_id, event_date, because_of nulls first, mart, expectation"
        )
    )
    return [HeldDay(**row._mapping) for row in rows]


def hold(connection: Connection, candidate_id: UUID, offences: Collection[Offence]) -> list[HeldDay]:
    """Hold back the days of the candidate for which expectations failed, and the days that depend on them.

    These share a session or a checkout with such a day. All days of a site in the candidate are held where the day is
    unknown, where nothing says which depend on it, and where others fail without the days that are held already.

    Returns:
        The days that are held back now, of the sites concerned.
    """
    built = _days_built(connection, candidate_id)
    sites = {offence.site_id for offence in offences}
    whole = {held.site_id for held in list_held(connection)} & sites
    whole |= {offence.site_id for offence in offences if offence.holds_others}
    failed = [
        (SiteDay(offence.site_id, day), offence, None)
        for offence in offences
        for day in ([offence.day] if offence.day else built[offence.site_id])
    ]
    causes = {on: offence for on, offence, _ in failed}
    waiting = [pair for pair in _sharing(connection) if pair[0].site_id in sites]
    waiting += [(SiteDay(on.site_id, day), on) for on in causes if on.site_id in whole for day in built[on.site_id]]
    dependent = {on: (on, causes[cause], cause.day) for on, cause in waiting if cause in causes and on not in causes}
    connection.execute(
        text(
            "insert into ops.held_days"
            " (site_id, event_date, mart, expectation, reason, figure, usual, because_of, candidate_id)"
            " values (:site_id, :day, :mart, :expectation, :reason, :figure, :usual, :because_of, :candidate_id)"
            " on conflict (site_id, event_date, mart, expectation) do update set"
            " reason = excluded.reason, figure = excluded.figure, usual = excluded.usual,"
            " because_of = excluded.because_of, candidate_id = excluded.candidate_id, held_at = now()"
        ),
        [
            vars(offence) | on._asdict() | {"because_of": because_of, "candidate_id": candidate_id}
            for on, offence, because_of in (*failed, *dependent.values())
        ],
    )
    connection.execute(
        text("update ops.candidates set state = 'abandoned' where state in ('building', 'built')"),
    )
    _mark_held(connection, candidate_id)
    return [held for held in list_held(connection) if held.site_id in sites]


def release_changed(connection: Connection, code_version: str, until: int | None = None) -> None:
    """Let held days be built again that were marked anew, or were built by other code, and those that wait for them.

    With `until`, a mark of `newest_mark`, later loads do not count: a site that gets events all night would otherwise
    fail with the others in each slice.
    """
    connection.execute(
        text(
            "delete from ops.held_days h using ops.candidates c"
            " where c.candidate_id = h.candidate_id and h.because_of is null and (c.code_version <> :code_version"
            "  or exists (select from ops.dirty_days d"
            "   where d.site_id = h.site_id and d.event_date = h.event_date and d.mark_id <> all(c.mark_ids)"
            f"   and {OF_THE_NIGHT}))"
        ),
        {"code_version": code_version, "until": until, "loads": list(LOADS)},
    )
    _release_dependent(connection)


def release_published(connection: Connection, candidate_id: UUID) -> None:
    """Hold nothing back any more that a candidate has published."""
    connection.execute(
        text(
            "delete from ops.held_days h using ops.candidates c where c.candidate_id = :candidate_id"
            " and h.event_date between c.first_date and c.last_date and h.site_id = any(c.sites)"
        ),
        {"candidate_id": candidate_id},
    )
    _release_dependent(connection)


def accept(connection: Connection, on: SiteDay, expectation: str, reason: str, accepted_by: str) -> HeldDay:
    """Accept the figure for which a day is held back, on record. The next build publishes the day.

    Raises:
        AcceptError: the day is not held back for that check, or the check compares no figure with what is usual.
    """
    held = [found for found in list_held(connection) if (found.site_id, found.day) == on and not found.because_of]
    named = [found for found in held if expectation in (found.expectation, f"{found.mart}.{found.expectation}")]
    if not named:
        checks = ", ".join(f"{found.mart}.{found.expectation}" for found in held)
        raise AcceptError(
            f"site {on.site_id}, {on.day} is not held back for {expectation}, but for {checks}"
            if checks
            else f"site {on.site_id}, {on.day} is not held back; `footfall status` lists what is"
        )
    found = named[0]
    if found.figure is None or found.usual is None:
        raise AcceptError(
            f"{found.mart}.{found.expectation} says that something is wrong, not that it is unusual: {found.reason}."
            " That cannot be accepted; the day is built again when it changes, or with `footfall rebuild`."
        )
    if not reason.strip():
        raise AcceptError("say why: --reason 'a campaign began'")
    connection.execute(
        text(
            "insert into ops.accepted_figures"
            " (site_id, event_date, mart, expectation, figure, usual, reason, accepted_by)"
            " values (:site_id, :day, :mart, :expectation, :figure, :usual, :why, :accepted_by)"
        ),
        vars(found) | {"why": reason.strip(), "accepted_by": accepted_by},
    )
    connection.execute(
        text(
            "delete from ops.held_days where site_id = :site_id and event_date = :day"
            " and mart = :mart and expectation = :expectation"
        ),
        vars(found),
    )
    _release_dependent(connection)
    return found


def _mark_held(connection: Connection, candidate_id: UUID) -> None:
    """Let a held day count as dirty that was only built along with others. The failed build covers that mark, too."""
    unmarked = connection.execute(
        text(
            "select distinct h.site_id, h.event_date from ops.held_days h where not exists"
            " (select from ops.dirty_days d where d.site_id = h.site_id and d.event_date = h.event_date)"
        )
    )
    days = {SiteDay(row.site_id, row.event_date) for row in unmarked}
    mark(connection, days, Cause.REBUILD)
    connection.execute(
        text(
            "update ops.candidates c set mark_ids = c.mark_ids || array("
            "  select d.mark_id from ops.dirty_days d"
            "  join unnest(cast(:sites as text[]), cast(:days as date[])) as held (site_id, event_date)"
            "  using (site_id, event_date)) where candidate_id = :candidate_id"
        ),
        {
            "sites": [site for site, _ in days],
            "days": [day for _, day in days],
            "candidate_id": candidate_id,
        },
    )


def _release_dependent(connection: Connection) -> None:
    connection.execute(
        text(
            "delete from ops.held_days h where because_of is not null and not exists ("
            "  select from ops.held_days o where o.site_id = h.site_id and o.event_date = h.because_of"
            "  and o.because_of is null)"
        )
    )


def _days_built(connection: Connection, candidate_id: UUID) -> dict[str, Sequence[date]]:
    row = connection.execute(
        text(
            "select sites, array(select day::date from generate_series(first_date, last_date, interval '1 day') day)"
            " as days from ops.candidates where candidate_id = :candidate_id"
        ),
        {"candidate_id": candidate_id},
    ).one()
    return dict.fromkeys(row.sites, row.days)


def _sharing(connection: Connection) -> Iterable[tuple[SiteDay, SiteDay]]:
    """Give each pair of days being built that share a session or a checkout, in both orders."""
    for row in connection.execute(text(_SHARED)).all():
        one, other = SiteDay(row.site_id, row.one), SiteDay(row.site_id, row.other)
        yield one, other
        yield other, one


def _plain(figure: Decimal | None) -> str:
    return f"{figure:,f}".rstrip("0").rstrip(".") if figure is not None and figure % 1 else f"{figure or 0:,.0f}"


SHARED_BY = ("sessions", "commerce_events")
"""The candidates that say which days share a session or a checkout."""

_SHARED = """
select distinct d.site_id, d.event_date as one, e.event_date as other
from audit.slice_days d
join audit.slice_days e on e.site_id = d.site_id and e.event_date > d.event_date
join audit.sessions s
    on s.site_id = d.site_id and s.started_at < d.ends_at and s.ended_at >= e.starts_at and s.ended_at < e.ends_at
    and s.started_at >= d.starts_at
union
select distinct d.site_id, d.event_date, e.event_date
from audit.slice_days d
join audit.commerce_events c on c.site_id = d.site_id and c.event_date = d.event_date
join audit.commerce_events o on o.site_id = c.site_id and o.checkout_id = c.checkout_id
join audit.slice_days e on e.site_id = o.site_id and e.event_date = o.event_date and e.event_date > d.event_date
"""
