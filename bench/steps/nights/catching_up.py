"""Nights back to back in a fresh home: the planner has no statistics of the rows just loaded."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.past import Days
from bench.scene import Scene
from bench.steps.nights.quiet_night import rounded, steps_of_night

NIGHTS = 3
SHARE = 10
"""A day has this fraction of the scene's events: one in `SHARE`."""


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing. Later nights must not take longer than the first, as they did by a bad plan."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), scene.events // SHARE, nights=NIGHTS - 1, built=1)
        nights = []
        for day in (*days.built.days, *days.nights):
            days.deliver(day, installation)
            (took, _), _ = elsewhere(steps_of_night, installation.settings)
            nights.append(took)
    totals = [sum(took.values()) for took in nights]
    yield Figure(
        f"each of {NIGHTS} nights of {scene.events // SHARE:,} events, one right after the other",
        "the first of them",
        Target(at_most=1.5),
        (max(totals[1:]),),
        (totals[0],),
        {"seconds": [round(total, 2) for total in totals], "steps_of_the_last": rounded(nights[-1])},
    )
