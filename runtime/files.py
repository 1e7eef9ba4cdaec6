"""Write files whole or not at all: write a temporary file, fsync it, rename it, fsync the folder. Knows no content.

Work that writes asks before it begins whether the disk has room.

A name that begins with a dot marks an unfinished file: readers of a folder skip it.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from runtime.errors import FootfallError

LEAST_FREE_BYTES = 32 * 1024**2
"""Below this a disk is full: PostgreSQL's log of changes alone grows by 16 MiB at a time."""


class DiskFull(FootfallError):
    """A disk without room for the work; nothing of it was begun."""


def require_room(folder: Path) -> None:
    """Require that the disk of a folder, which need not exist yet, has room to work.

    Raises:
        DiskFull: it has not; the message says how much is free.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    found = os.statvfs(existing)
    free = found.f_bavail * found.f_frsize
    # Some file systems do not count their entries.
    if free < LEAST_FREE_BYTES or (found.f_files and not found.f_favail):
        raise DiskFull(
            f"the disk of {folder} is full: {free / 1024**2:.0f} MiB and {found.f_favail:,} files are free, work needs"
            f" {LEAST_FREE_BYTES // 1024**2} MiB. Make room and run it again; nothing was begun"
        )


def beside(path: Path) -> Path:
    """Return the temporary path of a file that is later renamed to `path`.

    It is always the same, so that a new writer replaces what a killed one left.
    """
    return path.with_name(f".{path.name}.tmp")


def manifest_path(path: Path) -> Path:
    """Return the path of a file's manifest, which says what the file must hold: `<file>.json`, beside it."""
    return path.with_name(f"{path.name}.json")


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing from its start, and fsync its bytes at the end. To keep its name, `sync` the folder."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Put a file's bytes, or a folder's entries, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents (for owner and group, 0750), each entry on disk."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o750)
    sync(folder.parent)


def write(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Make or replace a file. Readers find the old or the new content, always whole. The last writer wins."""
    with _fresh(path, content, mode) as fresh:
        fresh.replace(path)
        sync(path.parent)


def create(path: Path, content: bytes, mode: int) -> None:
    """Make a file with all of its content at once. An existing file stays: the first writer wins."""
    with _fresh(path, content, mode) as fresh, suppress(FileExistsError):
        os.link(fresh, path)
        sync(path.parent)


@contextmanager
def _fresh(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """Write the content to disk under a name that no other writer has; remove that name at the end."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
