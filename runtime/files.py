"""Files that are whole or not there: written beside, fsynced, renamed, and the folder fsynced. Knows no content.

A name that begins with a dot is of something unfinished: readers of a folder pass it over.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def beside(path: Path) -> Path:
    """Where to write what is to become `path` by a rename: the same each time, over what a killed writer left."""
    return path.with_name(f".{path.name}.tmp")


def manifest_path(path: Path) -> Path:
    """Where it is recorded what a file must hold: `<file>.json`, beside it."""
    return path.with_name(f"{path.name}.json")


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write all of it anew; at the end its bytes are on disk. Its name may not be yet: see `sync`."""
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


def write(path: Path, content: bytes) -> None:
    """Make or replace a file: readers find the old content or the new, whole. Of several writers the last one wins."""
    with _fresh(path, content, 0o666) as fresh:
        fresh.replace(path)
        sync(path.parent)


def create(path: Path, content: bytes, mode: int) -> None:
    """Make a file with all of its content at once, unless it is there already: of several writers one wins."""
    with _fresh(path, content, mode) as fresh, suppress(FileExistsError):
        os.link(fresh, path)
        sync(path.parent)


@contextmanager
def _fresh(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content on disk under a name that no other writer has; the name goes at the end."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
