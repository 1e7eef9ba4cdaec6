"""The publication of the day, against `insert … select` of the same rows into like tables with like indexes."""

from collections.abc import Iterator

from bench.figure import Figure, Target, seconds
from bench.scene import Scene
from footfall.pipeline import night


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves the day published. A candidate can be published once, and so it is measured once."""
    names = [mart.name for mart in scene.marts]
    rows = sum(scene.count(f"audit.{name}") for name in names)
    took = seconds(lambda: night.publish(scene.installation))
    scene.run(*(f"create table bench.{name} (like marts.{name} including all)" for name in names))
    reference = []
    for _ in range(scene.repeats):
        scene.run(*(f"truncate bench.{name}" for name in names))
        reference.append(seconds(lambda: _insert(scene)))
    yield Figure(
        f"publication of {rows:,} rows in {len(names)} marts",
        "insert … select of the same rows",
        Target(at_most=3),
        (took,),
        tuple(reference),
    )


def _insert(scene: Scene) -> None:
    columns = {mart.name: ", ".join(mart.column_names) for mart in scene.marts}
    scene.run(
        *(f"insert into bench.{name} ({listed}) select {listed} from audit.{name}" for name, listed in columns.items())
    )
