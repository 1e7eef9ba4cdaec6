"""The load of a day's sealed segments, against a bare COPY of the rows it makes."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target, seconds
from bench.scene import Scene
from bench.traffic import land
from footfall.pipeline.installation import open_installation
from footfall.pipeline.night import load_waiting
from ingestion.landing.writer import sealed_folder
from ingestion.load.loader import LoadReport
from runtime.settings import Settings

BLOCK = 1024 * 1024
_LOADED = (
    "raw.events, raw.user_agents, raw.visitor_hashes, raw.rejects, ops.contact_vault, ops.landed_files, ops.dirty_days"
)


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves the day loaded, and a copy of its rows in `bench.raw_events`: references live in that schema."""
    land(scene.installation.settings.landing, scene.day, scene.events, seed=1)
    rows = scene.installation.settings.home / "rows"
    measured, reference, peaks = [], [], []
    for number in range(scene.repeats):
        if number:
            _unload(scene)
        (report, took), peak = elsewhere(_load, scene.installation.settings)
        measured.append(took)
        peaks.append(peak)
        if not number:
            _write_rows(scene, rows)
            scene.run("create schema bench", "create table bench.raw_events (like raw.events including all)")
        scene.run("truncate bench.raw_events")
        reference.append(seconds(lambda: _copy(scene, rows)))
    rows.unlink()
    yield Figure(
        f"load of {report.loaded:,} events",
        "bare COPY of the same rows from a ready file",
        Target(at_most=2.5, at_most_of={"peak_memory_mb": 400}),
        tuple(measured),
        tuple(reference),
        {"lines": report.lines, "files": report.files, "peak_memory_mb": round(max(peaks) / 1e6)},
    )


def _load(settings: Settings) -> tuple[LoadReport, float]:
    with open_installation(settings) as installation:
        began = perf_counter()
        report = load_waiting(installation)
        took = perf_counter() - began
    report.raise_for_refused()
    return report, took


def _unload(scene: Scene) -> None:
    """Put the same segments back, and remove every trace of them from the warehouse."""
    scene.run(f"truncate {_LOADED}")
    sealed = sealed_folder(scene.installation.settings.landing)
    for path in (scene.installation.settings.landing / "loaded").iterdir():
        path.rename(sealed / path.name)


def _write_rows(scene: Scene, rows: Path) -> None:
    with scene.installation.engine.begin() as connection, rows.open("wb") as file:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("copy (select * from raw.events) to stdout") as copy:
            for block in copy:
                file.write(block)


def _copy(scene: Scene, rows: Path) -> None:
    with scene.installation.engine.begin() as connection, rows.open("rb") as file:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("copy bench.raw_events from stdin") as copy:
            while block := file.read(BLOCK):
                copy.write(block)
