"""One figure: how long something took, how long what it is measured against took, and what is wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Target:
    """What is wanted: of the ratio, or of the seconds where there is none."""

    at_most: float | None = None
    times_faster: float | None = None
    seconds_at_most: float | None = None
    at_most_of: Mapping[str, float] = field(default_factory=dict)
    """Of details, by name."""
    at_least_of: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        told = []
        if self.at_most:
            told.append(f"≤ {self.at_most:.3g} ×")
        if self.times_faster:
            told.append(f"≥ {self.times_faster:g} × faster")
        if self.seconds_at_most:
            told.append(f"≤ {self.seconds_at_most:g} s")
        told += [f"≤ {most:,g} {name}" for name, most in self.at_most_of.items()]
        told += [f"≥ {least:,g} {name}" for name, least in self.at_least_of.items()]
        return ", ".join(told).replace("_", " ")


@dataclass(frozen=True)
class Figure:
    """Each time that was measured, in seconds, and anything else that was seen by the way."""

    what: str
    against: str | None
    target: Target
    measured: tuple[float, ...]
    reference: tuple[float, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The median time."""
        return median(self.measured)

    @property
    def reference_seconds(self) -> float | None:
        """The median time of what it is measured against."""
        return median(self.reference) if self.reference else None

    @property
    def ratio(self) -> float | None:
        """How many times as long it took; how many times faster it was, where that is wanted."""
        if self.reference_seconds is None:
            return None
        ratio = self.seconds / self.reference_seconds
        return 1 / ratio if self.target.times_faster else ratio

    @property
    def is_met(self) -> bool:
        """Whether it is as wanted."""
        wanted, ratio = self.target, self.ratio or 0
        return (
            (wanted.at_most is None or ratio <= wanted.at_most)
            and (wanted.times_faster is None or ratio >= wanted.times_faster)
            and (wanted.seconds_at_most is None or self.seconds <= wanted.seconds_at_most)
            and all(self.details[name] <= most for name, most in wanted.at_most_of.items())
            and all(self.details[name] >= least for name, least in wanted.at_least_of.items())
        )


def seconds(work: Callable[[], object]) -> float:
    """How long it takes to do once."""
    began = perf_counter()
    work()
    return perf_counter() - began
