"""The marks of `ops.dirty_days`: which days must be built, and why. Every write to the table goes through here.

Which days a build takes together is decided in `slices`.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text


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


def dirty_days(connection: Connection, through: date | None = None) -> list[date]:
    """Return the days up to `through` that must be built, oldest first."""
    rows = connection.execute(
        text(
            "select distinct event_date from ops.dirty_days"
            " where cast(:through as date) is null or event_date <= :through order by event_date"
        ).bindparams(through=through)
    )
    return list(rows.scalars())


def has_cause(connection: Connection, cause: Cause) -> bool:
    """Whether any mark has that cause."""
    found = text("select exists (select from ops.dirty_days where cause = :cause)")
    return bool(connection.scalar(found, {"cause": cause}))


def mark(connection: Connection, days: Collection[date], cause: Cause, file_id: int | None = None) -> None:
    """Mark each of the days; `file_id` names the file that is the reason, if one is."""
    if days:
        connection.execute(
            text(
                "insert into ops.dirty_days (event_date, cause, file_id)"
                " select unnest(cast(:days as date[])), cast(:cause as text), cast(:file_id as bigint)"
            ),
            {"days": sorted(days), "cause": cause, "file_id": file_id},
        )


def mark_found(connection: Connection, query: str, parameters: Mapping[str, Any]) -> int:
    """Mark each row (event_date, cause) of a query, and return the number of marks. Frozen days get none."""
    return connection.execute(
        text(
            f"insert into ops.dirty_days (event_date, cause) select event_date, cause from ({query}) as found"
            " where event_date not in (select event_date from ops.frozen_days)"
        ),
        parameters,
    ).rowcount


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
