"""The list of erased people beside the backups. A backup is older than some erasures, and its machine may be lost.

People are in it as the keyed hashes of `suppressions`; the key is in each backup. The name of the file stands for the
key, so that several installations may have their backups in one folder. The home remembers these folders.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from runtime import files
from runtime.settings import Settings
from warehouse.privacy.suppressions import Suppression, make_key, newest, read_suppressions


class ErasedList(msgspec.Struct, frozen=True):
    """Everyone who was erased until a moment, and who of them was readmitted."""

    as_of: datetime
    suppressions: list[Suppression]


def list_path(folder: Path, key: bytes) -> Path:
    """Return where the list of the installation with this key lies in a folder of backups."""
    return folder / f"erased-{hmac.digest(key, b'the list of erased people', hashlib.sha256).hex()[:16]}.json"


def read_list(path: Path) -> ErasedList | None:
    """Return the list; None if there is none.

    Raises:
        msgspec.DecodeError: it is damaged.
    """
    return msgspec.json.decode(path.read_bytes(), type=ErasedList) if path.exists() else None


def begin_list(connection: Connection, settings: Settings, folder: Path) -> None:
    """Write the list into a folder of backups, and keep it up to date from now on."""
    folder = folder.resolve()
    if folder not in (known := _folders(settings)):
        files.write(_file(settings), "".join(f"{each}\n" for each in [*known, folder]).encode())
    key = make_key(connection, settings.landing, settings.suppression_key)
    _write(list_path(folder, key), read_suppressions(connection))


def write_lists(connection: Connection, settings: Settings) -> list[Path]:
    """Write the list anew beside all backups, and return the folders where that is not possible now."""
    if not (folders := _folders(settings)):
        return []
    key = make_key(connection, settings.landing, settings.suppression_key)
    known = read_suppressions(connection)
    return [folder for folder in folders if not _is_written(list_path(folder, key), known)]


def incomplete_lists(connection: Connection, settings: Settings) -> list[Path]:
    """Return the folders of backups whose list is not there or lacks people. Changes nothing."""
    if not (folders := _folders(settings)):
        return []
    key = make_key(connection, settings.landing, settings.suppression_key)
    known = set(read_suppressions(connection))
    return [folder for folder in folders if not known <= set(_read(list_path(folder, key)) or ())]


def _is_written(path: Path, known: Iterable[Suppression]) -> bool:
    # A folder without its list is another disk's: its own is not mounted.
    try:
        if there := path.exists():
            _write(path, known)
        return there
    except (OSError, msgspec.DecodeError):
        return False


def _write(path: Path, known: Iterable[Suppression]) -> None:
    """Add what is known to the list. What only the list knows stays in it: the database may be an older one."""
    there = read_list(path)
    erased = newest([*(there.suppressions if there else ()), *known])
    content = msgspec.json.format(msgspec.json.encode(ErasedList(datetime.now(UTC), erased)), indent=1)
    files.write(path, content, mode=0o600)


def _read(path: Path) -> list[Suppression] | None:
    try:
        found = read_list(path)
    except (OSError, msgspec.DecodeError):
        return None
    return found.suppressions if found else None


def _file(settings: Settings) -> Path:
    return settings.home / "backup_folders"


def _folders(settings: Settings) -> list[Path]:
    path = _file(settings)
    return [Path(line) for line in path.read_text().splitlines()] if path.exists() else []
