"""dbt's build of the day's candidate, all marts, against one hand-written pass over the same events."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import text

from bench.figure import Figure, Target, seconds
from bench.scene import Scene
from footfall.pipeline import candidates, dbt
from warehouse.postgres.roles import Role
from warehouse.publication.slices import Slice

ONE_PASS = Path(__file__).with_name("one_pass.sql").read_text()
SLOWEST = 10


class _Build(NamedTuple):
    whole: float
    sql: float
    """From the start of the first model to the end of the last: dbt builds two at once."""
    models: Counter[str]


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves the finished candidate of the day."""
    builds, reference = [], []
    scene.run("analyze raw.events")
    for _ in range(scene.repeats):
        builds.append(_build(scene))
        scene.run("drop table if exists bench.one_pass")
        reference.append(seconds(lambda: _one_pass(scene)))
    last = builds[-1]
    yield Figure(
        f"dbt build of {scene.count('audit.sessions'):,} sessions and all other marts",
        f"one hand-written pass to {scene.count('bench.one_pass'):,} sessions",
        Target(at_most=4),
        tuple(build.sql for build in builds),
        tuple(reference),
        {
            "sum_of_model_seconds": round(last.models.total(), 2),
            "start_up_seconds": round(last.whole - last.sql, 2),
            "slowest_models": {name: round(took, 2) for name, took in last.models.most_common(SLOWEST)},
        },
    )


def _build(scene: Scene) -> _Build:
    installation = scene.installation
    candidates.begin(installation, Slice(scene.day, scene.day))
    began = perf_counter()
    transformer = installation.database.roles[Role.TRANSFORMER]
    parsed = dbt.run(installation.settings, transformer, "parse", "--no-write-json")
    results: Any = dbt.run(
        installation.settings, installation.database.roles[Role.TRANSFORMER], *dbt.BUILD, parsed=parsed
    ).results
    whole = perf_counter() - began
    candidates.finish(installation)
    steps = [step for result in results for step in result.timing]
    span = max(step.completed_at for step in steps) - min(step.started_at for step in steps)
    return _Build(whole, span.total_seconds(), Counter({each.node.name: each.execution_time for each in results}))


def _one_pass(scene: Scene) -> None:
    with scene.installation.engine.begin() as connection:
        connection.execute(text(ONE_PASS), {"day": scene.day})
