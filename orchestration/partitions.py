"""The partitions of Dagster's assets: a run for a day builds the days that are dirty up to it.

A night is one run or several that follow each other. The first notes what was dirty; the others go on with that.
"""

from collections.abc import Mapping
from datetime import date

import dagster as dg
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from orchestration.resources import current_installation
from runtime.errors import FootfallError

UNTIL = "footfall/until_mark"
"""Tag of a run: the newest mark of a dirty day when its night began."""

_EARLIEST = date(2024, 1, 1)
"""Where no event has come yet, or the database does not answer."""
_FIRST_DAY = """
select least((select min(event_date) from ops.dirty_days), (select min(event_date) from ops.publication_marts))
"""


def first_day(engine: Engine) -> date:
    """Return the first day that has events, when Dagster reads this. Older ones that come later need no partition.

    A run for a day builds all that is dirty up to it.
    """
    try:
        with engine.connect() as connection:
            return connection.scalar(text(_FIRST_DAY)) or _EARLIEST
    except SQLAlchemyError:
        return _EARLIEST


EASTERNMOST = "Etc/GMT-14"
"""Where each day ends first."""
_INSTALLATION = current_installation()
_SETTINGS = _INSTALLATION.settings
ZONE = EASTERNMOST if _SETTINGS.night_after_midnight else str(_SETTINGS.night_zone)
"""Where a day must be over for its partition to be there."""

DAILY = dg.DailyPartitionsDefinition(start_date=first_day(_INSTALLATION.engine).isoformat(), timezone=ZONE)


class NoPartition(FootfallError):
    """A day that has no partition, because it is not over yet or lies too far back, and what to do."""


def night_of(tags: Mapping[str, str]) -> int | None:
    """Return the mark with which the night of a run with these tags began; None for a night's first run."""
    return int(tags[UNTIL]) if UNTIL in tags else None


def require_partition(day: str) -> None:
    """Require that the day has a partition. Dagster launches runs of other days, and then fails without the reason.

    Raises:
        NoPartition: it has none.
    """
    if not DAILY.has_partition_key(day):
        raise NoPartition(
            f"{day} is no day for a night in Dagster: the newest is {DAILY.get_last_partition_key()}, the last that is"
            f" over in {ZONE}. `footfall nightly` builds every dirty day, the current one too."
        )
