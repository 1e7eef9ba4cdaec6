"""Backups: a folder each, with the database of one moment, the landed files, the keys of the hashes, and a manifest.

The list of erased people lies beside the backups, and is kept up to date.

A backup is written under a temporary name and renamed when it is whole. `footfall.backup.restore` puts it back.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from footfall.pipeline.backups import KEYS, MANIFEST, name_at, own_backups
from footfall.pipeline.installation import Installation
from ingestion.landing.archive import archive
from ingestion.landing.drain import drain
from runtime import files
from runtime.errors import FootfallError
from runtime.failpoints import reach
from runtime.secrets import make_private
from runtime.settings import Settings
from warehouse.postgres.database import server_version_number
from warehouse.postgres.dump import roles_of, write_dump
from warehouse.postgres.locks import CANDIDATE, RETENTION, held
from warehouse.postgres.statements import statement
from warehouse.privacy.erased_list import begin_list
from warehouse.tables.version import version

DUMP, LANDING = "database.dump", "landing"
_UNFINISHED = ".unfinished"


class BackupError(FootfallError):
    """A backup that cannot be made, or is damaged."""


class Content(msgspec.Struct, frozen=True):
    """What a file must hold."""

    bytes: int
    sha256: str


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup holds, as its `manifest.json` says."""

    made_at: datetime
    """The moment of the database."""
    schema_version: str
    server_version: int
    """Version of the server as PostgreSQL counts it: 180004 is 18.4."""
    owner: str
    roles: list[str]
    loaded_files: int
    loaded_events: int
    publications: int
    files: dict[str, Content]
    """Path within the backup → content."""


@dataclass(frozen=True)
class Backup:
    """A backup that is whole."""

    folder: Path
    manifest: BackupManifest


def make_backup(installation: Installation, folder: Path) -> Backup:
    """Make a backup in `folder`. It holds every event acknowledged before. Collector and loads go on meanwhile.

    Raises:
        BackupError: a collector did not seal its open segment in time.
        DumpError: the database could not be read.
    """
    settings = installation.settings
    make_private(folder)
    with held(installation.engine, CANDIDATE), held(installation.engine, RETENTION):
        for unfinished in folder.glob(f".*{_UNFINISHED}"):
            shutil.rmtree(unfinished)
        if not drain(settings.landing, settings.segment_seconds + 5):
            raise BackupError("a collector holds events that it did not seal in time; try again")
        name = _free_name(folder)
        draft = folder / f".{name}{_UNFINISHED}"
        make_private(draft)
        with installation.engine.connect() as connection:
            # Before the keys are copied: it makes the key of erased people's hashes, with which the list is read.
            begin_list(connection, settings, folder)
        with installation.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            moment = _moment(connection)
            write_dump(connection, installation.database.administrator, draft / DUMP)
        reach("backup:dumped")
        # Copied after the database, so that files that the database does not know yet are in the backup.
        archive(settings.landing, draft / LANDING)
        _copy_keys(settings, draft / KEYS)
        manifest = BackupManifest(**moment, files={path: content(draft / path) for path in _paths(draft)})
        reach("backup:copied")
        _write(draft / MANIFEST, manifest)
        reach("backup:unnamed")
        draft.rename(folder / name)
        files.sync(folder)
    return Backup(folder / name, manifest)


def _free_name(folder: Path) -> str:
    """Return the second that it is, or the first after it that names no other installation's backup."""
    at = datetime.now(UTC)
    while (folder / (name := name_at(at))).exists():
        at += timedelta(seconds=1)
    return name


def open_backup(folder: Path) -> Backup:
    """Read all of a backup, and compare it with its manifest.

    Raises:
        BackupError: a file is missing or damaged; the message names it.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BackupError(
            f"{folder} is no backup, for it has no {MANIFEST}: name the folder that `footfall backup` wrote"
        )
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=BackupManifest)
    except msgspec.DecodeError as error:
        raise BackupError(f"{path} is damaged: {error}; take another backup") from None
    for name, expected in manifest.files.items():
        if not (folder / name).is_file():
            raise BackupError(f"{folder / name} is missing, so that this backup cannot be used: take another")
        if content(folder / name) != expected:
            raise BackupError(f"{folder / name} is damaged, so that this backup cannot be used: take another")
    return Backup(folder, manifest)


def remove_all_but(settings: Settings, folder: Path, keep: int) -> list[Path]:
    """Delete all but the `keep` newest backups of this installation, and return the deleted ones."""
    old = own_backups(settings, folder)[:-keep]
    for backup in old:
        # Renamed first: a folder left by an interrupted removal does not look like a backup.
        gone = backup.with_name(f".{backup.name}{_UNFINISHED}")
        backup.rename(gone)
        shutil.rmtree(gone)
    return old


def content(path: Path) -> Content:
    """Return the size and checksum of a file."""
    with path.open("rb") as file:
        return Content(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _moment(connection: Connection) -> dict:
    row = connection.execute(statement(__file__, "moment")).mappings().one()
    return {
        **row,
        "schema_version": version(connection),
        "server_version": server_version_number(connection),
        "roles": roles_of(connection),
    }


def _copy_keys(settings: Settings, folder: Path) -> None:
    """Copy the keys of hashes: without them later hashes would not match the stored ones. Passwords are made anew."""
    make_private(folder)
    for key in settings.hash_keys:
        shutil.copy2(key, folder / key.name)


def _paths(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder))


def _write(path: Path, manifest: BackupManifest) -> None:
    """Write the manifest, the last file, when all files that it lists are on disk."""
    for folder in (path.parent / LANDING, path.parent / KEYS):
        files.sync(folder)
    files.write(path, msgspec.json.format(msgspec.json.encode(manifest)))
