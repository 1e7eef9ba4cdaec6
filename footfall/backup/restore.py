"""Put a backup back: the database becomes that of the backup, and files landed since wait to be loaded again.

Each event counts once. A restore may be interrupted and run again. The command names first what would be lost for good.
"""

import shutil
from dataclasses import dataclass

from sqlalchemy import Connection, text

from footfall.backup.backup import DUMP, KEYS, LANDING, Backup
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


def require_fitting(settings: Settings, backup: Backup) -> None:
    """Require that the backup fits this installation, whose database runs.

    Raises:
        RestoreError: a process runs, or the backup is of a newer version, or of another installation.
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


def restore(settings: Settings, backup: Backup) -> int:
    """Replace the database by that of the backup, and return how many files then wait to be loaded.

    Raises:
        DumpError: the dump could not be restored; the database is as it was.
    """
    with (
        open_installation(settings) as installation,
        held(installation.engine, CANDIDATE),
        held(installation.engine, RETENTION),
    ):
        recover(settings.landing)
        _restore_database(installation, backup)
        reach("restore:committed")
        for key in (backup.folder / KEYS).iterdir():
            shutil.copy2(key, settings.home / "secrets" / key.name)
        prepare_database(settings)
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


def _restore_database(installation: Installation, backup: Backup) -> None:
    manifest = backup.manifest
    # No transaction may stay open here: it would hold locks that psql waits for.
    with installation.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        restore_dump(
            connection,
            installation.database.administrator,
            backup.folder / DUMP,
            manifest.roles,
            same_owner=_user(connection) == manifest.owner,
            before=kept_on_restore.set_aside(connection) + make_room(manifest.schema_version),
        )


def _user(connection: Connection) -> str:
    return connection.execute(text("select current_user::text")).scalar_one()
