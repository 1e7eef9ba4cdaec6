"""Which figures of a day are believable after the eight weeks before it. Pure: reads no clock and no database.

A figure is compared in logarithms, so that a week of growth and a busy Saturday are factors. Growth is the median of
all changes between days of the same weekday (Theil and Sen), the usual value the median of that weekday after growth is
taken out, and the spread the median deviation of all 56 days from the median of their weekday. A day is unusual where
its deviation is more than 3.5 times the spread: the bound of Iglewicz and Hoaglin ("How to Detect and Handle Outliers",
1993).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WEEK = 7
WEEKS = 8
LEAST_WEEKS = 4
"""With fewer weeks nothing is said of a day."""
BOUND = 3.5
"""Default of how many spreads are believable."""
_SIGMA = 1.4826
"""A normal distribution's standard deviation as a multiple of its median deviation."""
_BESIDE_CHANCE = 1.33
"""A day deviates more than the 56 days say, from which its spread was taken. Found by simulation."""
_OF_A_COUNT = 1 + math.pi / 2 / WEEKS
"""The variance of a count beside the median of eight others, as a multiple of the variance of a count."""


@dataclass(frozen=True)
class Believable:
    """What a day's figure may be: from `low` to `high`, usually `usual`."""

    low: float
    usual: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value is believable."""
        return self.low <= value <= self.high


def believable(before: Sequence[float | None], bound: float = BOUND) -> Believable | None:
    """Return which figures are believable on the day after these days.

    Args:
        before: the figures of the days before it, oldest first, the last of them the day before; None: not known.
            More than eight weeks are of no effect.
        bound: how many spreads from the usual value are believable.

    Returns:
        The range, or None where fewer than four of the same weekdays are known.
    """
    days = list(before)[-WEEK * WEEKS :]
    ages = range(len(days), 0, -1)
    known = {age: math.log(max(value, 0.5)) for age, value in zip(ages, days, strict=True) if value is not None}
    same_weekday = [age for age in known if age % WEEK == 0]
    if len(same_weekday) < LEAST_WEEKS:
        return None
    growth = _growth(known)
    level = {age: value + growth * age for age, value in known.items()}
    usual_of = {
        weekday: median(value for age, value in level.items() if age % WEEK == weekday)
        for weekday in {age % WEEK for age in level}
    }
    usual = math.exp(usual_of[0])
    spread = _SIGMA * median(abs(value - usual_of[age % WEEK]) for age, value in level.items())
    # What chance does to a count is known, and a count is never steadier than that. The rest is an estimate.
    chance = 1 / max(usual, 1)
    spread = math.sqrt(_OF_A_COUNT * chance + _BESIDE_CHANCE**2 * max(spread**2 - chance, 0))
    return Believable(usual * math.exp(-bound * spread), usual, usual * math.exp(bound * spread))


def _growth(known: dict[int, float]) -> float:
    """Return by how much the logarithm grows in a day."""
    slopes = [
        (known[age] - known[age + WEEK * weeks]) / (WEEK * weeks)
        for age in known
        for weeks in range(1, WEEKS)
        if age + WEEK * weeks in known
    ]
    return median(slopes) if slopes else 0.0
