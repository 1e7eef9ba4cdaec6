"""A night with little to do, told by station: what it costs to have a night at all."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import psutil

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.scene import Scene
from bench.traffic import land
from footfall.pipeline import dbt, night
from footfall.pipeline.installation import open_installation
from runtime.settings import Settings
from warehouse.postgres.roles import Role

Result = TypeVar("Result")


def measure(scene: Scene) -> Iterator[Figure]:
    """Leaves nothing dirty. Each night has a day of its own to publish, in a process of its own."""
    nights = []
    for number, day in enumerate(scene.quiet_days):
        land(scene.installation.settings.landing, day, scene.quiet_events, seed=2 + number)
        stations, peak = elsewhere(stations_of_night, scene.installation.settings)
        nights.append(stations)
    totals = [sum(stations.values()) for stations in nights]
    ranked = sorted(nights, key=lambda stations: sum(stations.values()))
    yield Figure(
        f"a quiet night of {scene.quiet_events:,} events",
        None,
        Target(seconds_at_most=20),
        tuple(totals),
        details={
            "stations": rounded(ranked[len(ranked) // 2]),
            "stations_of_the_slowest": rounded(ranked[-1]),
            "peak_memory_mb": round(peak / 1e6),
        },
    )


def rounded(stations: Mapping[str, float]) -> dict[str, float]:
    """As it is told."""
    return {station: round(took, 2) for station, took in stations.items()}


def stations_of_night(settings: Settings) -> dict[str, float]:
    """Have a night, and tell its seconds by station from the start of this process."""
    took = {"start": time.time() - psutil.Process().create_time()}
    took |= dict.fromkeys(("load", "slice", "begin", "dbt", "finish", "check", "publish"), 0.0)

    def at(station: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        try:
            return work()
        finally:
            took[station] += time.perf_counter() - began

    with open_installation(settings) as installation:
        at("load", lambda: night.load(installation)).raise_for_refused()
        while wanted := at("slice", lambda: night.next_slice(installation)):
            at("begin", lambda: night.begin(installation, wanted))
            at("dbt", lambda: dbt.build(settings, installation.database.roles[Role.TRANSFORMER]))
            at("finish", lambda: night.finish(installation))
            found = at("check", lambda: night.check(installation))
            if not found.passed:
                raise night.GateClosed(found)
            at("publish", lambda: night.publish(installation))
    return took
