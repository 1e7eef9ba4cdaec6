"""Read the whole lines of the sealed segments of the landing zone. Checks no content."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from ingestion.landing.folders import segments_in
from ingestion.landing.segment import SegmentManifest
from ingestion.landing.writer import sealed_folder
from runtime.files import manifest_path

MAX_BYTES = 8 * 1024**3
"""Reading stops where a segment unpacks to more bytes."""
MAX_LINE_BYTES = 1024 * 1024
"""A longer line is cut at this length, so that memory is bounded and only that line is lost."""
_BLOCK = 1024 * 1024
_MAX_MANIFEST_BYTES = 1024 * 1024
_MAGIC, _SKIPPABLE_MAGIC = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line without its line feed, and where it began in the unpacked segment.

    The garbage collector does not track it: tracking plain tuples took a tenth of a loader's time.
    """

    number: int
    offset: int
    content: bytes


class TornSegmentError(Exception):
    """The segment is damaged at its end. All whole lines before were given; `line` is the readable rest."""

    def __init__(self, reason: str, line: Line, is_unpacked: bool) -> None:
        super().__init__(f"{reason} at byte {line.offset}")
        self.reason, self.line = reason, line
        self.is_unpacked = is_unpacked
        """Whether all of the file was unpacked, so that only a line feed is missing."""


class _TruncatedError(zstandard.ZstdError):
    """The compressed data ends in the middle."""


def sealed_segments(landing: Path) -> list[Path]:
    """Return the sealed segments, sorted by name."""
    return segments_in(sealed_folder(landing))


def read_manifest(segment: Path) -> SegmentManifest | None:
    """Return what the segment must hold; None if a person put it there without a manifest.

    Raises:
        msgspec.DecodeError: the manifest is malformed, or no file.
    """
    path = manifest_path(segment)
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_MANIFEST_BYTES:
        raise msgspec.DecodeError("it is no file of the size of a manifest")
    return msgspec.json.decode(path.read_bytes(), type=SegmentManifest)


def read_lines(segment: Path, max_bytes: int = MAX_BYTES) -> Iterator[Line]:
    """Give the whole lines of a segment in bounded memory. Compares nothing with the manifest.

    Raises:
        TornSegmentError: as `split_lines` does.
    """
    return split_lines(read_blocks(segment), max_bytes)


def split_lines(blocks: Iterator[bytes], max_bytes: int = MAX_BYTES) -> Iterator[Line]:
    """Give the whole lines of a segment's blocks.

    Raises:
        TornSegmentError: after the last whole line; its reason is `torn_tail`, `corrupt_segment` or
            `segment_too_large`.
    """
    lines = _LineSplitter()
    reason, is_unpacked = None, False
    try:
        for block in blocks:
            room = max_bytes - lines.length
            yield from lines.feed(block[:room])
            if len(block) > room:
                reason = "segment_too_large"
                break
        else:
            is_unpacked = True
            reason = "torn_tail" if lines.rest else None
    except _TruncatedError:
        reason = "torn_tail"
    except zstandard.ZstdError:
        reason = "corrupt_segment"
    if reason:
        raise TornSegmentError(reason, Line(lines.number, lines.offset, bytes(lines.rest)), is_unpacked)


def read_blocks(segment: Path) -> Iterator[bytes]:
    """Give the unpacked bytes of a segment, as far as they can be unpacked.

    Raises:
        zstandard.ZstdError: the compressed data is altered or truncated.
    """
    given = 0
    with segment.open("rb") as file:
        try:
            reader = _unpack(file)
            while block := reader.read(_BLOCK):
                yield block
                given += len(block)
        except zstandard.ZstdError:
            yield _before_damage(file, given)
            raise
    if not is_whole(segment):
        raise _TruncatedError(f"{segment.name} ends in the middle")


def _unpack(file: BinaryIO) -> zstandard.ZstdDecompressionReader:
    return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False)


def _before_damage(file: BinaryIO, given: int) -> bytes:
    """Return the bytes after the first `given` that can be unpacked: less than a block, or it would have been given."""
    file.seek(0)
    reader, found = _unpack(file), bytearray()
    for _ in range(given // _BLOCK):
        reader.read(_BLOCK)
    reader.read(given % _BLOCK)
    with suppress(zstandard.ZstdError):
        while byte := reader.read(1):
            found += byte
    return bytes(found)


def is_whole(segment: Path) -> bool:
    """Whether the compressed data ends where a frame ends. It looks at sizes only, and unpacks nothing."""
    with segment.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(0)
        while (start := file.tell()) < length:
            head = file.read(18)
            if head[1:4] == _SKIPPABLE_MAGIC and head[0] >> 4 == 5:
                file.seek(start + 8 + int.from_bytes(head[4:8], "little"))
            elif head[:4] != _MAGIC or not _skip_frame(file, start, head):
                return False
        return file.tell() == length


def _skip_frame(file: BinaryIO, start: int, head: bytes) -> bool:
    """Go to the end of a frame (RFC 8878 3.1.1). Return False if it has none."""
    try:
        has_checksum = zstandard.get_frame_parameters(head).has_checksum
        file.seek(start + zstandard.frame_header_size(head))
    except zstandard.ZstdError:
        return False
    is_last = False
    while not is_last:
        header = int.from_bytes(block := file.read(3), "little")
        if len(block) < 3:
            return False
        is_last, is_run = bool(header & 1), (header >> 1 & 3) == 1
        file.seek(1 if is_run else header >> 3, 1)
    file.seek(4 if has_checksum else 0, 1)
    return True


class _LineSplitter:
    def __init__(self) -> None:
        self.number, self.offset, self.length = 1, 0, 0
        self.rest = bytearray()
        self._cut = 0

    def feed(self, block: bytes) -> Iterator[Line]:
        self.length += len(block)
        *whole, rest = block.split(b"\n")
        for part in whole:
            content = bytes(self.rest) + part if self.rest else part
            yield Line(self.number, self.offset, content[:MAX_LINE_BYTES])
            self.offset += len(content) + self._cut + 1
            self.number += 1
            self.rest.clear()
            self._cut = 0
        self.rest += rest
        if len(self.rest) > MAX_LINE_BYTES:
            self._cut += len(self.rest) - MAX_LINE_BYTES
            del self.rest[MAX_LINE_BYTES:]
