"""Timezones of sites: whether all that reckon with one know it, and which sites are left out because they do not.

Loads date events in Python, builds in the database. Moving raw events to the days of a new zone is left to
`warehouse.publication.redate`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, text

from warehouse.postgres.statements import statement


@dataclass(frozen=True)
class LeftOut:
    """A site that no night builds, because its timezone is unknown."""

    site_id: str
    timezone: str

    def __str__(self) -> str:
        return (
            f"site {self.site_id} is left out: its timezone {self.timezone!r} is unknown here;"
            f" footfall site set {self.site_id} --timezone ZONE"
        )


def knows_zone(connection: Connection, timezone: str) -> bool:
    """Whether both the database and Python know the timezone."""
    return zone_of(timezone) is not None and bool(
        connection.scalar(text("select ops.knows_zone(:zone)"), {"zone": timezone})
    )


def zone_of(timezone: str) -> ZoneInfo | None:
    """Return the timezone by which Python reckons; None if it is unknown."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def left_out(connection: Connection) -> list[LeftOut]:
    """Return the sites whose timezone is unknown, by name."""
    rows = connection.execute(
        text("select site_id, timezone, ops.knows_zone(timezone) as is_known from ops.sites order by site_id")
    )
    return [LeftOut(row.site_id, row.timezone) for row in rows if not (row.is_known and zone_of(row.timezone))]


def buildable_sites(connection: Connection) -> frozenset[str]:
    """Return the sites whose timezone is known."""
    sites: Iterable[str] = connection.execute(text("select site_id from ops.sites")).scalars()
    return frozenset(sites) - {site.site_id for site in left_out(connection)}


def last_days_over(connection: Connection) -> dict[str, date]:
    """Read the last day that is over by each site's own clock, of the sites whose timezone is known.

    Returns:
        Site → day.
    """
    rows = connection.execute(
        text(
            "select site_id, cast(now() at time zone timezone as date) - 1 as day from ops.sites"
            " where ops.knows_zone(timezone)"
        )
    )
    return {row.site_id: row.day for row in rows}


def days_just_over(connection: Connection, after: timedelta, now: datetime | None = None) -> list[tuple[str, date]]:
    """Return the timezones in which a day has been over for so long, and that day, where a site's events of it wait."""
    rows = connection.execute(statement(__file__, "days_just_over"), {"after": after, "now": now or datetime.now(UTC)})
    return [(row.timezone, row.day) for row in rows]


def sites_to_redate(connection: Connection) -> list[str]:
    """Return the sites whose raw events must be moved, also those whose zone has come to be known again."""
    returned = connection.execute(
        text("select distinct site_id, timezone from ops.unbuilt_days join ops.sites using (site_id) order by site_id")
    )
    waiting: list[str] = list(
        connection.execute(text("select site_id from ops.redated_sites order by site_id")).scalars()
    )
    return sorted({*waiting, *(row.site_id for row in returned if knows_zone(connection, row.timezone))})
