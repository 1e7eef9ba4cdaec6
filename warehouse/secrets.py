"""Generated passwords, one file each, readable by their owner only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


class SecretsError(Exception):
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


def _create(path: Path) -> None:
    """Make the file with all of its content at once: of several who try, one wins."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(24))
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise SecretsError(f"{path} can be read by others; run: chmod 600 {path}")
    return path.read_text()
