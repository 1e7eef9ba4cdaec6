"""The secret keys of cookieless sites: a file for each site and day of its calendar, shared by all collector processes.

A key is made when it is first needed, and destroyed an hour after the end of its day. Derives no devices. The files lie
outside `secrets/`, of which backups are made.
"""

import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from runtime import files
from runtime.failpoints import reach
from runtime.secrets import make_private

GRACE = timedelta(hours=1)
"""A key outlives its day by this, for what is sent again. A clock that is put back by no more finds its keys."""

_KEY_BYTES = 32
_LOOK_SECONDS = 1.0
_NAME = re.compile(r"\.?([a-z][a-z0-9_-]*)\.(\d{4}-\d\d-\d\d)\.key(\.[0-9a-f]+)?")
"""Name of a key's file, or of an unfinished one."""
_BEHIND, _AHEAD = timedelta(hours=-12), timedelta(hours=14)
"""The zones in which a day ends last and begins first."""


def usable_days(now: datetime, zone: tzinfo) -> list[date]:
    """Return the days of a site whose keys may be used: today first; within the hour after midnight, yesterday too."""
    return list(dict.fromkeys(moment.astimezone(zone).date() for moment in (now, now - GRACE)))


def is_due(day: date, now: datetime, zone: tzinfo | None) -> bool:
    """Whether the key of a day has to be destroyed; in an unknown zone, once the day has ended in all zones."""
    behind, ahead = (timedelta(), timedelta()) if zone else (_BEHIND, _AHEAD)
    first, last = (moment.astimezone(zone or UTC).date() for moment in (now - GRACE + behind, now + GRACE + ahead))
    return not first <= day <= last


def key_files(folder: Path, site_id: str | None = None) -> list[Path]:
    """Return the files of keys, also unfinished ones; of one site, if it is named."""
    names = os.listdir(folder) if folder.is_dir() else []
    found = ((name, _NAME.fullmatch(name)) for name in sorted(names))
    return [folder / name for name, match in found if match and site_id in (None, match[1])]


def destroy(paths: list[Path]) -> None:
    """Overwrite and delete files of keys. What another process has deleted meanwhile is fine.

    Raises:
        OSError: one could not be deleted.
    """
    for path in paths:
        # A file that cannot be written to can be deleted all the same.
        with suppress(OSError), path.open("r+b") as file:
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink(missing_ok=True)
    if paths:
        files.sync(paths[0].parent)


@dataclass(slots=True)
class _Known:
    key: bytes
    seen: tuple[int, ...]
    look_again_at: float


class DeviceKeys:
    """The keys that one process knows. What the files hold decides, so that all processes have the same keys.

    Methods may run in several threads at once.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._known: dict[tuple[str, date], _Known] = {}

    def find(self, site_id: str, day: date) -> bytes | None:
        """Return the key if it is known and its file is as it was; looks at the file at most once a second."""
        known = self._known.get((site_id, day))
        if known is None:
            return None
        now = self._clock()
        if now >= known.look_again_at:
            try:
                if _signature(os.stat(self._path(site_id, day))) != known.seen:
                    return None
            except OSError:
                return None
            known.look_again_at = now + _LOOK_SECONDS
        return known.key

    def load(self, site_id: str, day: date) -> bytes:
        """Read the key from its file, and make one if there is none, or if it is damaged. It is on disk then.

        Raises:
            OSError: it could not be read or written. Nothing may be derived.
        """
        path = self._path(site_id, day)
        make_private(self._folder)
        read = _read(path)
        if read is None:
            with _locked(self._folder):
                read = _read(path)
                if read is None:
                    reach("device_key:writing")
                    key = secrets.token_bytes(_KEY_BYTES)
                    files.write(path, key + _checksum(key), 0o600)
                    read = _read(path)
        if read is None:
            raise OSError(f"{path} does not hold what was written")
        # Another process may have made the key just now, and its entry may not be on disk yet.
        files.sync(self._folder)
        files.sync(self._folder.parent)
        key, seen = read
        self._known[site_id, day] = _Known(key, seen, self._clock() + _LOOK_SECONDS)
        return key

    def destroy_due(self, now: datetime, zone_of: Callable[[str], tzinfo | None]) -> None:
        """Destroy the keys whose time is over, and what killed processes left unfinished. `zone_of` gives a zone.

        Raises:
            OSError: one could not be deleted.
        """
        for site_id, day in list(self._known):
            if is_due(day, now, zone_of(site_id)):
                self._known.pop((site_id, day), None)

        def due() -> list[Path]:
            return [path for path in key_files(self._folder) if _is_over(path, now, zone_of)]

        if due():
            # While a key is written its file is unfinished, too.
            with _locked(self._folder):
                destroy(due())

    def _path(self, site_id: str, day: date) -> Path:
        return self._folder / f"{site_id}.{day}.key"


def _is_over(path: Path, now: datetime, zone_of: Callable[[str], tzinfo | None]) -> bool:
    match = _NAME.fullmatch(path.name)
    assert match
    if match[0].startswith("."):
        return True
    try:
        return is_due(date.fromisoformat(match[2]), now, zone_of(match[1]))
    except ValueError:
        return True


def _read(path: Path) -> tuple[bytes, tuple[int, ...]] | None:
    """Return a key and the signature of its file; None if there is none, or if it is damaged."""
    try:
        with path.open("rb") as file:
            content = file.read(2 * _KEY_BYTES + 1)
            seen = _signature(os.fstat(file.fileno()))
    except FileNotFoundError:
        return None
    key = content[:_KEY_BYTES]
    return (key, seen) if content[_KEY_BYTES:] == _checksum(key) else None


def _checksum(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process or thread at a time write or destroy keys. The lock ends with its holder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
