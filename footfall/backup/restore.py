"""Put a backup back: the database becomes that of the backup, and files landed since wait to be loaded again.

Each event counts once. A restore may be interrupted and run again. The command names first what would be lost for good.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, text

from footfall.backup.backup import DUMP, LANDING, Backup
from footfall.pipeline.backups import KEYS
from footfall.pipeline.installation import Installation, open_installation
from footfall.stack.processes import processes
from footfall.stack.stack import prepare_database
from ingestion.landing.archive import FOLDERS, bring_back, sort_by_ledger
from ingestion.landing.writer import recover
from runtime.errors import FootfallError
from runtime.failpoints import reach
from runtime.settings import Settings
from warehouse.access.sites import write_registry
from warehouse.postgres import kept_on_restore
from warehouse.postgres.database import major, server_version
from warehouse.postgres.dump import make_room, restore_dump
from warehouse.postgres.locks import CANDIDATE, RETENTION, held
from warehouse.privacy.erased_list import list_path, read_list
from warehouse.privacy.suppressions import KEY, Suppression, add_to_file, merge_suppressions, read_file
from warehouse.publication.site_options import all_options, mark_days
from warehouse.tables.version import newest


class RestoreError(FootfallError):
    """Why a backup cannot be restored. Nothing has changed."""


@dataclass(frozen=True)
class Since:
    """What was added to the database since the backup."""

    loaded_files: int
    lost_files: int
    """Those of them whose landed files are gone, so that they would be lost."""
    lost_events: int

    def __str__(self) -> str:
        loaded = f"{self.loaded_files:,} files were loaded since the backup"
        if not self.lost_files:
            return f"{loaded}; all of them are still here, to be loaded again"
        return (
            f"{loaded}; {self.lost_files:,} are gone from the landing zone, and {self.lost_events:,} events with them"
        )


@dataclass(frozen=True)
class Erased:
    """Who must not come back by a restore."""

    suppressions: Sequence[Suppression]
    as_of: datetime | None = None
    """When the list was written; None: this installation's own landing zone knows everyone."""


def require_fitting(
    settings: Settings, backup: Backup, erased: Path | None = None, without_list: bool = False
) -> Erased:
    """Require that the backup fits this installation, whose database runs, and return who must not come back.

    Raises:
        RestoreError: a process runs, or the backup is of a newer version, or of another installation; or the list of
            erased people is missing or damaged.
    """
    if running := [name for name, process in processes(settings).items() if process.pid]:
        raise RestoreError(f"still running: {', '.join(running)}; footfall down, then again")
    manifest = backup.manifest
    if manifest.schema_version > newest():
        raise RestoreError(f"the backup is of schema version {manifest.schema_version}: update Footfall first")
    with open_installation(settings) as installation, installation.engine.connect() as connection:
        server = server_version(connection)
        in_use = kept_on_restore.is_in_use(connection)
    if (backed_up := major(manifest.server_version)) > server:
        raise RestoreError(
            f"the backup is of PostgreSQL {backed_up}, and this server is PostgreSQL {server}:"
            " restore it into one that is not older"
        )
    for key in (backup.folder / KEYS).iterdir():
        own = settings.home / "secrets" / key.name
        if in_use and own.exists() and own.read_bytes() != key.read_bytes():
            raise RestoreError(
                f"{own} is another than the backup's: it is of another installation. Restore it into an empty home"
            )
    return erased_since(settings, backup, in_use, erased, without_list)


def erased_since(
    settings: Settings, backup: Backup, in_use: bool, erased: Path | None = None, without_list: bool = False
) -> Erased:
    """Find out who was erased, from the list beside the backup, or from `erased`, a list that lies elsewhere.

    The installation that made the backup knows it by itself. With `without_list` a missing list is an empty one.

    Raises:
        RestoreError: there is no list, or it is damaged, or it is of another installation.
    """
    keys = [path for path in (backup.folder / KEYS).iterdir() if path.is_file()]
    is_its_own = in_use and bool(keys) and all(_is_the_same(key, settings.home / "secrets" / key.name) for key in keys)
    key = next((path for path in keys if path.name == KEY), settings.suppression_key if is_its_own else None)
    path = erased or (list_path(backup.folder.parent, key.read_bytes()) if key else None)
    try:
        if erased and erased.suffix == ".ndjson" and erased.exists():
            return Erased(read_file(erased), datetime.fromtimestamp(erased.stat().st_mtime, UTC))
        found = read_list(path) if path else None
    except (msgspec.DecodeError, OSError) as error:
        raise RestoreError(
            f"{path}, the list of erased people, cannot be read: {error}; name a copy with --erased"
        ) from None
    if found and erased and key and erased.name != list_path(erased.parent, key.read_bytes()).name:
        raise RestoreError(f"{erased} is the list of another installation's erased people: name this one's")
    if found:
        return Erased(found.suppressions, found.as_of)
    if without_list or (is_its_own and not erased):
        return Erased(())
    raise RestoreError(
        f"{path or backup.folder.parent / 'erased-*.json'} is missing: the list of the people who were erased since the"
        " backup, who would come back. Put it beside the backup, or name it, or the file suppressions.ndjson of the old"
        " landing zone, with --erased. If both are lost: --without-erased, and erase these people again"
    )


def _is_the_same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def compare(installation: Installation, backup: Backup) -> Since:
    """Return what would have to be loaded again after a restore, and what would be lost."""
    landing = installation.settings.landing
    with installation.engine.connect() as connection:
        newer = connection.execute(
            text(
                "select file_name, loaded_count from ops.landed_files"
                " where state = 'loaded' and loaded_at > :made_at and loaded_count > 0"
            ),
            {"made_at": backup.manifest.made_at},
        ).all()
    folders = [*(landing / stage for stage in FOLDERS), backup.folder / LANDING]
    lost = [file for file in newer if not any((folder / file.file_name).exists() for folder in folders)]
    return Since(len(newer), len(lost), sum(file.loaded_count for file in lost))


def restore(settings: Settings, backup: Backup, erased: Path | None = None, without_list: bool = False) -> int:
    """Replace the database by that of the backup, and return how many files then wait to be loaded.

    Raises:
        DumpError: the dump could not be restored; the database is as it was.
        RestoreError: it is not known who was erased since, see `erased_since`; the database is as it was.
    """
    with (
        open_installation(settings) as installation,
        held(installation.engine, CANDIDATE),
        held(installation.engine, RETENTION),
    ):
        _remember_erased(installation, backup, erased, without_list)
        recover(settings.landing)
        _restore_database(installation, backup)
        reach("restore:committed")
        for key in (backup.folder / KEYS).iterdir():
            shutil.copy2(key, settings.home / "secrets" / key.name)
        prepare_database(settings, is_upgrade=True)
        bring_back(backup.folder / LANDING, settings.landing)
        with installation.engine.begin() as connection:
            waiting = sort_by_ledger(connection, settings.landing)
            reach("restore:sorted", connection)
            restored = all_options(connection)
            kept_on_restore.take_over(connection)
            for site, options in all_options(connection).items():
                if options != restored.get(site, {}):
                    mark_days(connection, site)
            write_registry(connection, settings.site_registry)
    return waiting


def undo(installation: Installation, backup: Backup) -> None:
    """Make the database what it was at the backup, of the version that it had. Nothing may have been loaded since.

    Raises:
        DumpError: the dump could not be restored; the database is as it was.
    """
    with held(installation.engine, CANDIDATE), held(installation.engine, RETENTION):
        _restore_dump(installation, backup, make_room(backup.manifest.schema_version))


def _remember_erased(installation: Installation, backup: Backup, erased: Path | None, without_list: bool) -> None:
    """Write all erased people into the landing zone, from which the restored database learns of them."""
    settings = installation.settings
    with installation.engine.begin() as connection:
        listed = erased_since(settings, backup, kept_on_restore.is_in_use(connection), erased, without_list)
        merge_suppressions(connection, settings.landing)
    add_to_file(settings.landing, listed.suppressions)


def _restore_database(installation: Installation, backup: Backup) -> None:
    with installation.engine.connect() as connection:
        keeping = kept_on_restore.set_aside(connection)
    _restore_dump(installation, backup, keeping + make_room(backup.manifest.schema_version))


def _restore_dump(installation: Installation, backup: Backup, before: str) -> None:
    manifest = backup.manifest
    # No transaction may stay open here: it would hold locks that psql waits for.
    with installation.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        restore_dump(
            connection,
            installation.database.administrator,
            backup.folder / DUMP,
            manifest.roles,
            same_owner=_user(connection) == manifest.owner,
            before=before,
        )


def _user(connection: Connection) -> str:
    return connection.execute(text("select current_user::text")).scalar_one()
