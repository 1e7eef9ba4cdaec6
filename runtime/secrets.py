"""Generated passwords, one file each, readable by their owner only, as is the folder they lie in."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from runtime import files
from runtime.errors import FootfallError


class SecretsError(FootfallError):
    """A secret that others can read, and the command that closes it."""


def read_or_create(path: Path) -> str:
    """Return the secret in `path`, generated on first use.

    Raises:
        SecretsError: others than the owner may read the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        files.create(path, secrets.token_urlsafe(24).encode(), 0o600)
    return _read(path)


def require_private(paths: Iterable[Path]) -> None:
    """Refuse secret files that others may read or write. Missing files are fine.

    Raises:
        SecretsError: others may; the message has the command that fixes all of the files.
    """
    if exposed := [str(path) for path in paths if path.exists() and is_exposed(path)]:
        raise SecretsError(f"{', '.join(exposed)} can be read by others; run: chmod 600 {' '.join(exposed)}")


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may open, or close an existing folder to others."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if is_exposed(folder):
        with suppress(PermissionError):  # Another user owns it: `footfall doctor` says so.
            folder.chmod(0o700)


def is_exposed(path: Path) -> bool:
    """Whether anyone but its owner has a permission on it."""
    return bool(path.stat().st_mode & 0o077)


def _read(path: Path) -> str:
    require_private([path])
    return path.read_text()
