"""One figure: how long something took, how long its reference took, and the target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Target:
    """The target for the ratio, or for the seconds where there is no reference."""

    at_most: float | None = None
    times_faster: float | None = None
    seconds_at_most: float | None = None
    at_most_of: Mapping[str, float] = field(default_factory=dict)
    """Limits for details, by name."""
    at_least_of: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        wanted = []
        if self.at_most:
            wanted.append(f"≤ {self.at_most:.3g} ×")
        if self.times_faster:
            wanted.append(f"≥ {self.times_faster:g} × faster")
        if self.seconds_at_most:
            wanted.append(f"≤ {self.seconds_at_most:g} s")
        wanted += [f"≤ {most:,g} {name}" for name, most in self.at_most_of.items()]
        wanted += [f"≥ {least:,g} {name}" for name, least in self.at_least_of.items()]
        return ", ".join(wanted).replace("_", " ")


@dataclass(frozen=True)
class Figure:
    """All measured times in seconds, those of the reference, and other details."""

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
        """The median time of the reference."""
        return median(self.reference) if self.reference else None

    @property
    def ratio(self) -> float | None:
        """How many times as long as the reference it took; where the target says so, how many times faster it was."""
        if self.reference_seconds is None:
            return None
        ratio = self.seconds / self.reference_seconds
        return 1 / ratio if self.target.times_faster else ratio

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        wanted, ratio = self.target, self.ratio or 0
        return (
            (wanted.at_most is None or ratio <= wanted.at_most)
            and (wanted.times_faster is None or ratio >= wanted.times_faster)
            and (wanted.seconds_at_most is None or self.seconds <= wanted.seconds_at_most)
            and all(self.details[name] <= most for name, most in wanted.at_most_of.items())
            and all(self.details[name] >= least for name, least in wanted.at_least_of.items())
        )


def seconds(work: Callable[[], object]) -> float:
    """Return how many seconds the work takes once."""
    began = perf_counter()
    work()
    return perf_counter() - began
