"""Retention of one day of raw events, and of its rows in mart events, against deleting the raw rows."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.figure import Figure, Target, seconds
from bench.scene import Scene
from warehouse.retention.policies import list_policies, set_policy
from warehouse.retention.prune import prune


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves no raw events of the day. A day can be dropped once, and so it is measured once.

    Needs the day published and its rows in `bench.raw_events`.
    """
    rows = scene.count("bench.raw_events")
    with scene.installation.engine.begin() as connection:
        for policy in list_policies(connection):
            set_policy(connection, policy.name, None)
        set_policy(connection, "raw_events", (datetime.now(UTC).date() - scene.day).days - 1)
    took = seconds(lambda: _prune(scene))
    yield Figure(
        f"retention of a day of {rows:,} events",
        "delete of the same rows",
        Target(times_faster=20),
        (took,),
        (seconds(lambda: scene.run("delete from bench.raw_events")),),
    )


def _prune(scene: Scene) -> None:
    pruned = prune(scene.installation.engine, scene.installation.settings, scene.marts)
    days = [step.relation for step in pruned if step.relation.startswith("raw.events_")]
    if len(days) != 1:
        raise RuntimeError(f"retention was to drop one partition, not {days}")
