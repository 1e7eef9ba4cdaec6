"""The measurements, in the order of a day's life: each needs what the one before leaves."""

from collections.abc import Iterator

from bench import build, checks, collector, load, publish, quiet_night, retention
from bench.figure import Figure
from bench.scene import Scene

STEPS = (collector, load, build, checks, publish, quiet_night, retention)


def measure(scene: Scene) -> Iterator[Figure]:
    """Each figure as soon as it is known."""
    for step in STEPS:
        yield from step.measure(scene)
