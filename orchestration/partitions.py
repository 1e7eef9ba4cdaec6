"""The partitions of Dagster's assets: a run for a day builds the days that are dirty up to it.

A night is one run or several that follow each other. The first notes what was dirty; the others go on with that.
"""

from collections.abc import Mapping

import dagster as dg

from orchestration.resources import current_installation
from runtime.errors import FootfallError

UNTIL = "footfall/until_mark"
"""Tag of a run: the newest mark of a dirty day when its night began."""

EASTERNMOST = "Etc/GMT-14"
"""Where each day ends first."""
_SETTINGS = current_installation().settings
ZONE = EASTERNMOST if _SETTINGS.night_after_midnight else str(_SETTINGS.night_zone)
"""Where a day must be over for its partition to be there."""

DAILY = dg.DailyPartitionsDefinition(start_date="2024-01-01", timezone=ZONE)


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
