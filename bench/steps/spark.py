"""The candidate of the day on Spark, on all cores of this machine, beside PostgreSQL's: seconds, and core-seconds.

Before they are measured, dbt has done what it does once for a state of the project: parsed it for Spark, made its
tables without rows, and built it in PostgreSQL. A build starts Spark anew.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil

from bench.figure import Figure, Target
from bench.scene import Scene
from footfall.pipeline import candidates, dbt, engine
from footfall.pipeline.installation import Installation
from runtime.settings import BuildEngine
from warehouse.postgres.database import embedded_server
from warehouse.postgres.roles import Role
from warehouse.publication.slices import Slice


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves the finished candidate of the day."""
    scene.run("analyze raw.events")
    cores = os.cpu_count() or 1
    settings = replace(scene.installation.settings, engine=BuildEngine.SPARK, spark_url=f"local[{cores}]")
    on_spark = replace(scene.installation, settings=settings)
    _prepare(on_spark, scene)
    measured = [_build(on_spark, scene) for _ in range(scene.repeats)]
    reference = [_build(scene.installation, scene) for _ in range(1 + scene.repeats)][1:]
    millions = scene.count("raw.events") / 1e6
    yield Figure(
        f"build of {millions:.2f} million events on Spark, {cores} cores, hand-over and bring-back included",
        "the same build in PostgreSQL",
        Target(),
        tuple(took for took, _ in measured),
        tuple(took for took, _ in reference),
        {
            "core_seconds_per_million": round(min(used for _, used in measured) / millions, 1),
            "core_seconds_per_million_in_postgresql": round(min(used for _, used in reference) / millions, 1),
        },
    )


def _prepare(installation: Installation, scene: Scene) -> None:
    candidates.begin(installation, Slice(scene.day, scene.day))
    user = installation.database.roles[Role.TRANSFORMER]
    dbt.parsed(installation.settings, user, dbt.SPARK)
    dbt.build(installation.settings, user, options=dbt.WITHOUT_ROWS)


def _build(installation: Installation, scene: Scene) -> tuple[float, float]:
    """Build the day. Return how many seconds it took, and core-seconds of this process, Spark's and PostgreSQL's."""
    candidates.begin(installation, Slice(scene.day, scene.day))
    began, used = time.perf_counter(), _core_seconds(installation)
    engine.build(installation)
    took = time.perf_counter() - began, _core_seconds(installation) - used
    candidates.finish(installation)
    return took


def _core_seconds(installation: Installation) -> float:
    server = embedded_server(installation.settings)
    roots = [psutil.Process(), *([psutil.Process(server.pid)] if server and server.pid else [])]
    used = 0.0
    for root in roots:
        for process in (root, *root.children(recursive=True)):
            times = process.cpu_times()
            used += times.user + times.system
        # Of processes that have ended.
        used += root.cpu_times().children_user + root.cpu_times().children_system
    return used
