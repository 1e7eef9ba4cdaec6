"""Read the state of the stack: of the home, and of the database if it answers. Changes nothing."""

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from footfall.pipeline.backups import last_backup
from footfall.pipeline.installation import open_installation
from footfall.pipeline.steps import durations
from ingestion.landing.folders import segments_in
from ingestion.landing.segment import OPEN_SUFFIX, SEALED_SUFFIX
from ingestion.landing.writer import open_folder
from runtime.processes import Process
from runtime.settings import Settings
from serving.monitoring.names import Figure
from warehouse.postgres.roles import Role
from warehouse.postgres.statements import statement

STATEMENT_SECONDS = 5
"""A figure that takes longer is left out, with all others of the database."""

ENDS_BY_ITSELF = ("today",)
"""Processes that are done after a while, by the names of their files."""


def read(settings: Settings) -> Iterator[Figure]:
    """Give every figure."""
    yield Figure("info", {"version": version("footfall")}, 1)
    for path in sorted((settings.home / "run").glob("*.json")):
        if path.stem not in ENDS_BY_ITSELF:
            process = Process(path.stem, (), {}, path.parent, settings.logs / f"{path.stem}.log")
            yield Figure("process_up", {"process": path.stem}, process.pid is not None)
    disk = shutil.disk_usage(settings.home)
    yield Figure("home_free_bytes", {}, disk.free)
    yield Figure("home_size_bytes", {}, disk.total)
    yield from _landing(settings)
    for step, seconds in durations(settings).items():
        yield Figure("night_step_seconds", {"step": step}, seconds)
    if made := last_backup(settings):
        yield Figure("backup_timestamp_seconds", {}, made.timestamp())
    try:
        found = list(_database(settings))
    except SQLAlchemyError:
        found = []
    yield Figure("database_up", {}, bool(found))
    yield from found


def _landing(settings: Settings) -> Iterator[Figure]:
    landing = settings.landing
    folders = {"open": open_folder(landing), **{each: landing / each for each in ("sealed", "loaded", "refused")}}
    for stage, folder in folders.items():
        stats = list(_stats(segments_in(folder, OPEN_SUFFIX if stage == "open" else SEALED_SUFFIX)))
        yield Figure("landing_files", {"stage": stage}, len(stats))
        yield Figure("landing_bytes", {"stage": stage}, sum(size for size, _ in stats))
        if stage == "sealed" and stats:
            yield Figure("landing_oldest_timestamp_seconds", {}, min(written for _, written in stats))


def _stats(paths: list[Path]) -> Iterator[tuple[int, float]]:
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue  # It was loaded meanwhile.
        yield found.st_size, found.st_mtime


def _database(settings: Settings) -> Iterator[Figure]:
    with open_installation(settings) as installation, installation.engine_of(Role.ANALYST).connect() as connection:
        connection.execute(text(f"set statement_timeout = '{STATEMENT_SECONDS}s'"))
        for row in connection.execute(statement(__file__, "figures")):
            yield Figure(row.name, {label: value or "" for label, value in row.labels.items()}, float(row.value))
