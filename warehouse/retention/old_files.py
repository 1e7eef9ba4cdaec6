"""Old files of the home: landed segments, pages of checks, exports, logs. Retention decides what is due.

The ledger says how old a landed file is; for other files it is their time of change.
"""

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from runtime.failpoints import reach
from runtime.files import beside, manifest_path, sync


def landed_files(connection: Connection, landing: Path, state: str, before: date) -> list[Path]:
    """Return segments that became `loaded` or `refused` before the day. Files missing in the ledger are left out."""
    names: Iterable[str] = connection.execute(
        text("select distinct file_name from ops.landed_files where state = :state and loaded_at < :before order by 1"),
        {"state": state, "before": before},
    ).scalars()
    return [path for name in names if os.path.lexists(path := landing / state / name)]


def old_entries(folder: Path, before: date) -> list[Path]:
    """Return the files and folders in `folder` that were last written before the day; none if there is no folder."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if _newest_day(path) < before]


def old_entries_of_folders(folder: Path, before: date) -> list[Path]:
    """Return the same of each folder in `folder`."""
    return [
        path for each in (sorted(folder.iterdir()) if folder.is_dir() else ()) for path in old_entries(each, before)
    ]


def old_logs(folder: Path, before: date) -> list[Path]:
    """Return the logs that were put aside before the day."""
    return [path for path in sorted(folder.glob("*.log.*")) if _put_aside_on(path) < before]


def put_logs_aside(logs: Iterable[Path], today: date) -> None:
    """Move what was logged so far to `<log>.<today>`, once a day. A process that writes to a log goes on."""
    for log in logs:
        aside = log.with_name(f"{log.name}.{today}")
        if log.exists() and log.stat().st_size and not aside.exists():
            fresh = beside(aside)
            shutil.copyfile(log, fresh)
            fresh.chmod(0o600)
            sync(fresh)
            fresh.rename(aside)
            os.truncate(log, 0)


def total_bytes(paths: Iterable[Path]) -> int:
    """Return the size in bytes of the files, and of all files in the folders."""
    return sum(file.lstat().st_size for path in paths for file in _files(path))


def remove(paths: Iterable[Path]) -> None:
    """Delete files, each with its manifest if it has one, and whole folders."""
    for path in paths:
        # The file goes last, so that a killed run can be repeated.
        manifest_path(path).unlink(missing_ok=True)
        reach("retain:file")
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _files(path: Path) -> list[Path]:
    return [found for found in path.rglob("*") if found.is_file()] if path.is_dir() else [path]


def _newest_day(path: Path) -> date:
    newest = max(found.stat().st_mtime for found in [path, *_files(path)])
    return datetime.fromtimestamp(newest, UTC).date()


def _put_aside_on(path: Path) -> date:
    try:
        return date.fromisoformat(path.name.removesuffix(".tmp").rpartition(".")[2])
    except ValueError:
        return date.max
