"""Generated passwords, one file each, readable by their owner only."""

import os
import secrets
from pathlib import Path


class SecretsError(Exception):
    """A secret that others can read, and how to mend it."""


def read_or_create(path: Path) -> str:
    """Return the secret in `path`, generated on first use.

    Raises:
        SecretsError: others than the owner may read the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(24)
        file.write(secret)
    return secret


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise SecretsError(f"{path} can be read by others; run: chmod 600 {path}")
    return path.read_text()
