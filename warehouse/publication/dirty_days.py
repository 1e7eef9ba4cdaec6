"""The marks of `ops.dirty_days`: which days of which sites must be built, and why. Every write to it goes through here.

Which days a build takes together is decided in `slices`.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class SiteDay(NamedTuple):
    """One day of one site."""

    site_id: str
    day: date


class Cause(StrEnum):
    """Why a day must be built. `ops.restatements.causes` uses the same words, but `late_events` for `events_loaded`."""

    EVENTS_LOADED = "events_loaded"
    """A file brought events of the day."""
    EARLIER_COPY = "earlier_copy"
    """A copy of one of its events was received earlier and replaces it; the copy may lie on a neighbouring day."""
    IDENTITY = "identity"
    """A visitor's first session, or the session that identified its first user, moved from or to the day."""
    ORDER_MOVED = "order_moved"
    """The first report of an order moved from or to the day."""
    BOT_RULE = "bot_rule"
    """Newer rules changed whether a user agent of the day is a bot."""
    DEVICE_RULE = "device_rule"
    """Newer rules changed the device, browser or system of a user agent of the day."""
    TIMEZONE = "timezone"
    """A site's timezone changed, so that other events are of the day."""
    SITE_OPTIONS = "site_options"
    """An option of the models changed for a site."""
    ERASURE = "erasure"
    """A person's events were erased."""
    REBUILD = "rebuild"
    """An operator asked for it."""


LOADS = (Cause.EVENTS_LOADED, Cause.EARLIER_COPY)
"""Causes that a load brings, so that marks of them come at any time of a night."""

OF_THE_NIGHT = "(cast(:until as bigint) is null or d.mark_id <= :until or d.cause <> all(:loads))"
"""Which marks `d` a night builds that began with the mark `until`: all but those of later `loads`."""


def dirty_days(connection: Connection, through: date | None = None) -> list[date]:
    """Return the days up to `through` that must be built of any site, oldest first."""
    rows = connection.execute(
        text(
            "select distinct event_date from ops.dirty_days"
            " where cast(:through as date) is null or event_date <= :through order by event_date"
        ).bindparams(through=through)
    )
    return list(rows.scalars())


def waiting_days(connection: Connection, through: date | None = None, until: int | None = None) -> set[SiteDay]:
    """Return what must be built up to the day `through` and is not held back.

    With `until`, a mark of `newest_mark`, loads after that mark do not count: they are left to the next night.
    """
    rows = connection.execute(
        text(
            "select distinct d.site_id, d.event_date from ops.dirty_days d"
            " where (cast(:through as date) is null or d.event_date <= :through)"
            f" and {OF_THE_NIGHT}"
            " and not exists (select from ops.held_days h where h.site_id = d.site_id and h.event_date = d.event_date)"
        ),
        {"through": through, "until": until, "loads": list(LOADS)},
    )
    return {SiteDay(row.site_id, row.event_date) for row in rows}


def are_new(connection: Connection, until: int | None = None) -> bool:
    """Whether events wait of the newest published day, of the day before, or of later ones. False before any is.

    With `until`, a mark of `newest_mark`, later loads do not count.
    """
    found = text(
        "select max(d.event_date) >= (select max(last_date) - 1 from ops.publications) from ops.dirty_days d"
        " where d.cause = :loaded and (cast(:until as bigint) is null or d.mark_id <= :until) and not exists"
        " (select from ops.held_days h where h.site_id = d.site_id and h.event_date = d.event_date)"
    )
    return bool(connection.scalar(found, {"loaded": Cause.EVENTS_LOADED, "until": until}))


def newest_mark(connection: Connection) -> int:
    """Return the number of the newest mark, 0 without any."""
    return int(connection.scalar(text("select max(mark_id) from ops.dirty_days")) or 0)


def has_cause(connection: Connection, cause: Cause) -> bool:
    """Whether any mark has that cause."""
    found = text("select exists (select from ops.dirty_days where cause = :cause)")
    return bool(connection.scalar(found, {"cause": cause}))


def mark(connection: Connection, days: Collection[SiteDay], cause: Cause, file_id: int | None = None) -> None:
    """Mark each of the days; `file_id` names the file that is the reason, if one is."""
    if days:
        connection.execute(
            text(
                "insert into ops.dirty_days (site_id, event_date, cause, file_id)"
                " select site_id, event_date, cast(:cause as text), cast(:file_id as bigint)"
                " from unnest(cast(:sites as text[]), cast(:days as date[])) as marked (site_id, event_date)"
            ),
            {
                "sites": [site for site, _ in sorted(days)],
                "days": [day for _, day in sorted(days)],
                "cause": cause,
                "file_id": file_id,
            },
        )


def mark_found(connection: Connection, query: str, parameters: Mapping[str, Any]) -> int:
    """Mark each row (site_id, event_date, cause) of a query. Frozen days get no mark.

    Returns:
        Number of days marked, of any site.
    """
    return connection.execute(
        text(
            "with marked as (insert into ops.dirty_days (site_id, event_date, cause)"
            f" select site_id, event_date, cause from ({query}) as found"
            " where event_date not in (select event_date from ops.frozen_days) returning event_date)"
            " select count(distinct event_date) from marked"
        ),
        parameters,
    ).scalar_one()


def clear_days(connection: Connection, days: Collection[date]) -> None:
    """Clear every mark of these days: they will not be built."""
    connection.execute(text("delete from ops.dirty_days where event_date = any(:days)"), {"days": list(days)})


def clear_covered(connection: Connection, candidate_id: UUID) -> None:
    """Clear the marks that a candidate covers. Later marks stay."""
    connection.execute(
        text(
            "delete from ops.dirty_days where mark_id in"
            " (select unnest(mark_ids) from ops.candidates where candidate_id = :candidate_id)"
        ),
        {"candidate_id": candidate_id},
    )


def set_aside(connection: Connection, sites: Collection[str]) -> None:
    """Move the marks of sites that cannot be built to `ops.unbuilt_days`."""
    connection.execute(
        text(
            "with aside as (delete from ops.dirty_days where site_id = any(:sites) returning site_id, event_date)"
            " insert into ops.unbuilt_days (site_id, event_date) select distinct site_id, event_date from aside"
            " on conflict do nothing"
        ),
        {"sites": list(sites)},
    )
