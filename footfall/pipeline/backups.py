"""Which backups lie in a folder, and of when the last one is. Reads names and keys, makes and removes none."""

from datetime import UTC, datetime
from pathlib import Path

from runtime.settings import Settings

MANIFEST, KEYS = "manifest.json", "keys"
_NAME = "%Y%m%dT%H%M%SZ"


def name_at(moment: datetime) -> str:
    """Return the name of a backup of that second."""
    return moment.strftime(_NAME)


def list_backups(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"[!.]*/{MANIFEST}"))


def own_backups(settings: Settings, folder: Path) -> list[Path]:
    """Those of this installation, by their keys: several may have their backups in one folder."""
    return [
        backup
        for backup in list_backups(folder)
        if all(
            (own := settings.home / "secrets" / key.name).exists() and own.read_bytes() == key.read_bytes()
            for key in (backup / KEYS).iterdir()
        )
    ]


def last_backup(settings: Settings) -> datetime | None:
    """Return when the last backup was made where nightly ones lie; None without any."""
    names = [backup.name for backup in own_backups(settings, settings.backups)]
    return datetime.strptime(names[-1], _NAME).replace(tzinfo=UTC) if names else None
