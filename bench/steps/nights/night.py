"""The whole night of the day through Dagster, against its steps measured alone."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

from dagster import DagsterInstance

from bench.disk import bytes_per_event
from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.scene import Scene
from footfall.stack.processes import dagster_environment
from footfall.stack.stack import write_dagster_home
from ingestion.landing.writer import sealed_folder
from runtime.settings import PROJECT, Settings

ALONE = ("load", "build", "checks", "publish")
"""The steps that measured the steps."""
STEP_NAMES = {
    "raw__events": "load",
    "audit__slice_days": "slice",
    "models": "dbt",
    "gate": "check",
    "ops__audits": "verdict",
    "published": "publish",
    "ops__report": "report",
}
"""Name of Dagster's step → name of the step in other nights."""


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing: the night has a separate installation, and so it is measured once.

    Needs the figures of the steps.
    """
    alone = [scene.found[step][0].seconds for step in ALONE]
    with scene.anew() as installation:
        settings = installation.settings
        shutil.copytree(
            scene.installation.settings.landing / "loaded", sealed_folder(settings.landing), dirs_exist_ok=True
        )
        write_dagster_home(settings)
        (began, ended), peak = elsewhere(_run, settings, scene.day)
        yield Figure(
            f"the whole night of {scene.count('raw.events'):,} events through Dagster",
            "the sum of load, build, checks and publication alone",
            Target(at_most=1.3),
            (ended - began,),
            (sum(alone),),
            {
                "steps": _steps(settings, began, ended),
                "peak_memory_mb": round(peak / 1e6),
                "bytes_per_event": bytes_per_event(installation),
            },
        )


def _run(settings: Settings, day: date) -> tuple[float, float]:
    """Carry out the run in a separate process, as Dagster's launcher does."""
    environment = {**os.environ, **dagster_environment(settings)}
    if settings.database_url:
        environment["FOOTFALL_DATABASE_URL"] = settings.database_url
    log = settings.home / "night.log"
    command = ["-m", "dagster", "job", "execute", "-m", "orchestration.definitions", "-j", "nightly"]
    command += ["--tags", json.dumps({"dagster/partition": day.isoformat()})]
    with log.open("wb") as said:
        began = time.time()
        done = subprocess.run([sys.executable, *command], env=environment, cwd=PROJECT, stdout=said, stderr=said)
        ended = time.time()
    if done.returncode:
        raise RuntimeError(f"the night failed:\n{log.read_text()[-4000:]}")
    return began, ended


def _steps(settings: Settings, began: float, ended: float) -> dict[str, float]:
    """Read the seconds of the start, of each step and of the end from Dagster's event log."""
    with DagsterInstance.from_config(str(settings.home / "dagster")) as instance:
        (run,) = instance.get_runs()
        stats = instance.get_run_step_stats(run.run_id)
    steps = sorted((step.start_time or 0.0, step.end_time or 0.0, step.step_key) for step in stats)
    took = {STEP_NAMES[step]: done - started for started, done, step in steps}
    before, after = steps[0][0] - began, ended - steps[-1][1]
    took = {"start": before} | took | {"between": ended - began - before - after - sum(took.values()), "end": after}
    return {step: round(seconds, 2) for step, seconds in took.items()}
