"""The newest day of each site that is published whole: a publication after its end holds all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from warehouse.postgres.statements import statement


@dataclass(frozen=True)
class WholeDay:
    """A site's newest whole day."""

    site_id: str
    day: date
    yesterday: date
    """The site's own yesterday: the day itself, unless that is not published yet."""


def whole_days(connection: Connection, now: datetime) -> Mapping[str, WholeDay]:
    """Read the newest whole day of each site, of the last three days.

    Returns:
        Site → its day. A site without one is left out.
    """
    rows = connection.execute(statement(__file__, "whole_days"), {"now": now})
    return {row.site_id: WholeDay(row.site_id, row.day, row.yesterday) for row in rows}
