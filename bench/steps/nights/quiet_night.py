"""A night with little to do, by step: the fixed cost of a night."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import psutil

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.scene import Scene
from bench.traffic import land
from expectations.checks import checker
from footfall.pipeline import candidates, dbt, night
from footfall.pipeline.installation import open_installation
from runtime.settings import Settings
from warehouse.postgres.roles import Role

Result = TypeVar("Result")


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing dirty. Each night publishes another day, in a separate process."""
    nights = []
    for number, day in enumerate(scene.quiet_days):
        land(scene.installation.settings.landing, day, scene.quiet_events, seed=2 + number)
        (steps, _), peak = elsewhere(steps_of_night, scene.installation.settings)
        nights.append(steps)
    totals = [sum(steps.values()) for steps in nights]
    ranked = sorted(nights, key=lambda steps: sum(steps.values()))
    yield Figure(
        f"a quiet night of {scene.quiet_events:,} events",
        None,
        Target(seconds_at_most=20),
        tuple(totals),
        details={
            "steps": rounded(ranked[len(ranked) // 2]),
            "steps_of_the_slowest": rounded(ranked[-1]),
            "peak_memory_mb": round(peak / 1e6),
        },
    )


def rounded(took: Mapping[str, float]) -> dict[str, float]:
    """Round seconds as reports show them."""
    return {name: round(seconds, 2) for name, seconds in took.items()}


def steps_of_night(settings: Settings) -> tuple[dict[str, float], dict[str, float]]:
    """Run a night.

    Returns:
        Its seconds by step, from the start of this process, and the seconds of SQL by model.
    """
    took = {"start": time.time() - psutil.Process().create_time()}
    took |= dict.fromkeys(("load", "slice", "begin", "dbt", "finish", "check", "publish"), 0.0)

    models: dict[str, float] = {}

    def at(step: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        try:
            return work()
        finally:
            took[step] += time.perf_counter() - began

    with open_installation(settings) as installation:
        checker.start()
        at("load", lambda: night.load(installation)).raise_for_refused()
        while wanted := at("slice", lambda: night.next_slice(installation)):
            checker.start()
            at("begin", lambda: candidates.begin(installation, wanted))
            built = at("dbt", lambda: dbt.build(settings, installation.database.roles[Role.TRANSFORMER]))
            for (_, name), seconds in built.items():
                models[name] = models.get(name, 0) + seconds
            at("finish", lambda: candidates.finish(installation))
            found = at("check", lambda: candidates.check(installation, checker.validate_elsewhere))
            if not found.passed:
                raise candidates.GateClosed(found)
            at("publish", lambda: night.publish(installation))
    return took, models
