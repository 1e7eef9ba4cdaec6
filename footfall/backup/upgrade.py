"""Upgrade a database to the version of these programs: back it up, migrate it, build again what newer rules change.

If anything of it fails, the database becomes that of the backup again, of its own version. An upgrade may be killed and
run again: it goes on with the backup that it has made.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, text

from footfall.backup.backup import Backup, BackupError, make_backup, open_backup
from footfall.backup.restore import undo
from footfall.pipeline import candidates, holding, night
from footfall.pipeline.installation import Installation
from footfall.stack.processes import processes
from footfall.stack.stack import prepare_database
from runtime import files
from runtime.errors import FootfallError
from runtime.failpoints import reach
from runtime.settings import Settings
from warehouse.postgres.locks import CANDIDATE, held
from warehouse.postgres.roles import Role
from warehouse.postgres.statements import statement
from warehouse.publication.completeness import complete_days
from warehouse.publication.dirty_days import Cause, mark_found
from warehouse.tables.version import newest, require_not_newer, version


class UpgradeError(FootfallError):
    """Why an upgrade did not begin, or that it failed and left the database as it was."""


def upgrade(installation: Installation, folder: Path, say: night.Say = print) -> bool:
    """Bring the database up to date, and return whether there was anything to do. `folder` takes the backup.

    Raises:
        VersionError: the database is of newer programs.
        UpgradeError: processes run; or a step failed, and the database is as it was, of its old version.
    """
    settings = installation.settings
    with installation.engine.connect() as connection:
        found = version(connection)
    require_not_newer(found)
    if found == newest() and not _outdated_days(installation):
        _file(settings).unlink(missing_ok=True)
        return False
    _require_stopped(settings)
    backup = _pending(installation) or _begin(installation, folder)
    say(f"backed up  {backup.folder}")
    try:
        _upgrade(installation, say)
    except Exception as error:
        undo(installation, backup)
        _file(settings).unlink(missing_ok=True)
        raise UpgradeError(
            f"the upgrade failed: {error}\nThe database is as it was, of schema version"
            f" {backup.manifest.schema_version}, and the backup stays: {backup.folder}. To go on without the upgrade,"
            " install the Footfall of before"
        ) from error
    _file(settings).unlink()
    return True


def _upgrade(installation: Installation, say: night.Say) -> None:
    prepare_database(installation.settings, is_upgrade=True)
    installation.dispose()  # Prepared statements and types of before.
    reach("upgrade:migrated")
    say(f"migrated   to schema version {newest()}")
    engine = installation.engine_of(Role.TRANSFORMER)
    with held(engine, CANDIDATE):
        days = _outdated_days(installation)
        with engine.begin() as connection:
            mark_found(
                connection,
                "select site_id, d as event_date, cast(:cause as text) as cause"
                " from ops.sites cross join unnest(cast(:days as date[])) as d",
                {"days": days, "cause": Cause.REBUILD},
            )
        say(f"marked     {len(days):,} days that newer rules may change")
        night.publish_dirty(installation, None, say)
    for day in holding.held_back(installation):
        say(f"held back  {day}")
    reach("upgrade:built")


def _outdated_days(installation: Installation) -> Sequence[date]:
    """Return the days that other models than today's have built, and that raw events still hold whole."""
    current = candidates.code_version_of(installation)
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        outdated: Sequence[date] = (
            connection.execute(statement(__file__, "outdated_days"), {"code_version": current}).scalars().all()
        )
        return [day for day in complete_days(connection) if day in set(outdated)] if outdated else []


def _begin(installation: Installation, folder: Path) -> Backup:
    backup = make_backup(installation, folder)
    reach("upgrade:backed_up")
    files.write(_file(installation.settings), f"{backup.folder}\n".encode())
    return backup


def _pending(installation: Installation) -> Backup | None:
    """Return the backup of an upgrade that was killed, if nothing was loaded since."""
    path = _file(installation.settings)
    if not path.exists():
        return None
    try:
        backup = open_backup(Path(path.read_text().strip()))
    except BackupError:
        return None
    with installation.engine.connect() as connection:
        return backup if _loaded_files(connection) == backup.manifest.loaded_files else None


def _loaded_files(connection: Connection) -> int:
    return int(connection.execute(text("select count(*) from ops.landed_files where state = 'loaded'")).scalar_one())


def _require_stopped(settings: Settings) -> None:
    """Require that nothing runs but the collector, which needs no database."""
    running = [name for name, process in processes(settings).items() if process.pid and name != "collector"]
    if running:
        raise UpgradeError(
            f"still running: {', '.join(running)}; footfall down (or systemctl stop footfall.target), then again"
        )


def _file(settings: Settings) -> Path:
    """Where the backup of an upgrade that is under way is named."""
    return settings.home / "upgrade"
