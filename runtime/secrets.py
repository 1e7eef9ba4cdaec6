"""Generated passwords, one file each, readable by their owner only, as is the folder they lie in."""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from runtime.errors import FootfallError


class SecretsError(FootfallError):
    """A secret that others can read, and how to mend it."""


def read_or_create(path: Path) -> str:
    """Return the secret in `path`, generated on first use.

    Raises:
        SecretsError: others than the owner may read the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _create(path)
    return _read(path)


def require_private(paths: Iterable[Path]) -> None:
    """Refuse secrets that others may touch. One that is not there is none.

    Raises:
        SecretsError: with the command that mends all of them.
    """
    if exposed := [str(path) for path in paths if path.exists() and is_exposed(path)]:
        raise SecretsError(f"{', '.join(exposed)} can be read by others; run: chmod 600 {' '.join(exposed)}")


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may look into, or close one that stands open."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if is_exposed(folder):
        with suppress(PermissionError):  # It is somebody else's: `footfall doctor` says so.
            folder.chmod(0o700)


def is_exposed(path: Path) -> bool:
    """Whether others than its owner may do anything with it."""
    return bool(path.stat().st_mode & 0o077)


def _create(path: Path) -> None:
    """Make the file with all of its content at once: of several who try, one wins."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(24))
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()


def _read(path: Path) -> str:
    require_private([path])
    return path.read_text()
