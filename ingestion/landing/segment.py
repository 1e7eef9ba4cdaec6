"""One segment file: appended to and fsynced while open, then sealed as zstd with a manifest. Knows no events.

A line counts from the moment `append` returns; other bytes in the file after a fault are cut off.
An open segment carries an exclusive flock for as long as its writer lives.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec
import zstandard

from runtime.failpoints import reach
from runtime.files import beside, make_folder, manifest_path, sync, synced

OPEN_SUFFIX = ".ndjson"
SEALED_SUFFIX = ".ndjson.zst"
_BLOCK = 1024 * 1024
_ZSTD_LEVEL = 3


class SegmentManifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sealed segment must hold; lies beside it as `<segment>.json`."""

    line_count: int
    byte_count: int
    sha256: str
    was: tuple[str, ...] = ()
    """Checksums from before erasures removed lines: a restored database may know the file by one of them."""


class SegmentBusyError(Exception):
    """A live process is writing this segment, or has just sealed it."""


class Segment:
    """An open segment, locked by this process."""

    def __init__(self, path: Path, descriptor: int, length: int) -> None:
        self.path = path
        self.length = length
        """Number of bytes that are known to be on disk: always whole lines."""
        self.is_usable = True
        """Whether more may be appended."""
        self._descriptor = descriptor

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new, empty, locked segment whose directory entry is on disk."""
        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            _lock(descriptor, path)
            reach("land:begun")
            sync(path.parent)
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        return cls(path, descriptor, 0)

    @classmethod
    def adopt(cls, path: Path) -> Self:
        """Take over a segment that a dead process left open; `length` excludes a torn last line.

        Raises:
            SegmentBusyError: its writer lives, or it is gone.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            raise SegmentBusyError(path.name) from None
        try:
            _lock(descriptor, path)
            return cls(path, descriptor, _whole_lines(descriptor))
        except BaseException:
            os.close(descriptor)
            raise

    def append(self, lines: bytes) -> None:
        """Put whole lines on disk, all or none.

        Raises:
            OSError: none of them count, and `length` still says what is good. After a failed fsync, or if the
                tail could not be cut off, the segment is not usable: a second fsync may succeed without them.
        """
        try:
            _write(self._descriptor, lines)
        except OSError:
            self.is_usable = self.cut_tail()
            raise
        try:
            reach("land:before_fsync")
            os.fsync(self._descriptor)
            if os.fstat(self._descriptor).st_nlink == 0:
                raise FileNotFoundError(f"{self.path.name} was deleted under its writer")
        except OSError:
            self.is_usable = False
            self.cut_tail()
            raise
        reach("land:after_fsync")
        self.length += len(lines)

    def cut_tail(self) -> bool:
        """Cut off all bytes after the good length, and return whether that worked."""
        try:
            os.ftruncate(self._descriptor, self.length)
        except OSError:
            return False
        return True

    @property
    def torn_bytes(self) -> int:
        """Return the number of bytes after the good length: they were never acknowledged."""
        return os.fstat(self._descriptor).st_size - self.length

    def seal(self, folder: Path) -> Path | None:
        """Move the good lines to `folder`, compressed and with a manifest; delete an empty segment.

        May run again after any fault or death: the same lines give the same file. The lock ends here.
        """
        sealed = self._write_sealed(folder) if self.length else None
        reach("seal:before_unlink")
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
            sync(self.path.parent)
        self.release()
        return sealed

    def fileno(self) -> int:
        """Return the file descriptor, which carries the lock."""
        return self._descriptor

    def release(self) -> None:
        """Close the file as it is."""
        os.close(self._descriptor)

    def _write_sealed(self, folder: Path) -> Path:
        make_folder(folder)
        data = folder / f"{self.path.stem}{SEALED_SUFFIX}"
        manifest = manifest_path(data)
        if manifest.exists():
            self.length = min(self.length, msgspec.json.decode(manifest.read_bytes(), type=SegmentManifest).byte_count)
        fresh_data, fresh_manifest = beside(data), beside(manifest)
        lines, digest = 0, hashlib.sha256()
        with synced(fresh_data) as file:
            compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
            with compressor.stream_writer(file, closefd=False) as stream:
                for block in self._blocks():
                    lines += block.count(b"\n")
                    digest.update(block)
                    stream.write(block)
        with synced(fresh_manifest) as file:
            file.write(msgspec.json.encode(SegmentManifest(lines, self.length, digest.hexdigest())))
        reach("seal:before_manifest")
        fresh_manifest.rename(manifest)
        reach("seal:after_manifest")
        fresh_data.rename(data)
        sync(folder)
        return data

    def _blocks(self) -> Iterator[bytes]:
        position = 0
        while position < self.length:
            block = os.pread(self._descriptor, min(_BLOCK, self.length - position), position)
            if not block:
                raise OSError(f"{self.path.name} is shorter than the {self.length} bytes that were acknowledged")
            yield block
            position += len(block)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SegmentBusyError(path.name) from None
    if os.fstat(descriptor).st_nlink == 0:
        raise SegmentBusyError(path.name)


def _write(descriptor: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        reach("land:writing")
        rest = rest[os.write(descriptor, rest) :]


def _whole_lines(descriptor: int) -> int:
    """Length up to and including the last line feed, read from the end."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
