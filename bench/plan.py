"""The measurements, in the order of a day's life: some need the state that an earlier one leaves."""

from collections.abc import Collection, Iterator

from bench.figure import Figure
from bench.scene import Scene
from bench.steps import build, checks, collector, load, publish, retention, spark
from bench.steps.nights import catching_up, history, midnight, night, quiet_night
from bench.steps.reading import search, serving, streams

STEPS = {
    "collector": collector,
    "load": load,
    "build": build,
    "checks": checks,
    "publish": publish,
    "spark": spark,
    "night": night,
    "quiet_night": quiet_night,
    "midnight": midnight,
    "catching_up": catching_up,
    "retention": retention,
    "history": history,
    "serving": serving,
    "streams": streams,
    "search": search,
}
NOT_EVERYWHERE = {"spark"}
"""Steps that need an extra, and are measured only where they are asked for."""
NEEDS = {
    "build": "load",
    "spark": "load",
    "checks": "build",
    "publish": "checks",
    "night": "publish",
    "retention": "publish",
}


def measure(scene: Scene, only: Collection[str] = STEPS) -> Iterator[Figure]:
    """Give each figure as soon as it is measured, for these steps and for the steps that they need."""
    wanted = with_needs(only)
    for name, step in STEPS.items():
        if name in wanted:
            scene.found[name] = []
            for figure in step.measure(scene):
                scene.found[name].append(figure)
                yield figure


def with_needs(steps: Collection[str]) -> set[str]:
    """These steps and all that they need."""
    needed = {NEEDS[step] for step in steps if step in NEEDS}
    return {*steps} | (with_needs(needed) if needed else set())
