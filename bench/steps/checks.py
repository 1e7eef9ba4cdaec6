"""The checks of the day's candidate, against reading each of its tables once."""

from collections.abc import Iterator

from bench.figure import Figure, Target, seconds
from bench.scene import Scene
from footfall.pipeline import candidates
from warehouse.publication.publish import fingerprint


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves a candidate that passed.

    Raises:
        candidates.GateClosed: it did not pass.
    """
    first_seconds = seconds(lambda: _check(scene))  # This imports Great Expectations.
    measured, reference = [], []
    for _ in range(scene.repeats):
        measured.append(seconds(lambda: _check(scene)))
        reference.append(seconds(lambda: _scan(scene)))
    with scene.installation.engine.connect() as connection:
        fingerprint_seconds = seconds(lambda: fingerprint(connection, scene.marts))
    yield Figure(
        f"checks of {len(scene.marts)} candidate tables",
        "one sequential scan of each",
        Target(at_most=10, seconds_at_most=15),
        tuple(measured),
        tuple(reference),
        {"first_seconds": round(first_seconds, 2), "fingerprint_seconds": round(fingerprint_seconds, 2)},
    )


def _check(scene: Scene) -> None:
    found = candidates.check(scene.installation)
    if not found.passed:
        raise candidates.GateClosed(found)


def _scan(scene: Scene) -> None:
    scene.run(
        "set local enable_indexscan = off",
        "set local enable_indexonlyscan = off",
        *(f"select count(*) from audit.{mart.name}" for mart in scene.marts),
    )
