"""List the sealed segments of the landing zone, and read their whole lines. Checks no content."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import zstandard

from ingestion.landing.segment import SEALED_SUFFIX, SegmentManifest
from ingestion.landing.writer import sealed_folder
from runtime.files import manifest_path

MAX_BYTES = 8 * 1024**3
"""Reading stops where a segment unpacks to more bytes."""
MAX_LINE_BYTES = 1024 * 1024
"""A longer line is cut at this length, so that memory is bounded and only that line is lost."""
_BLOCK = 1024 * 1024


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line without its line feed, and where it began in the unpacked segment.

    The garbage collector does not track it: tracking plain tuples took a tenth of a loader's time.
    """

    number: int
    offset: int
    content: bytes


class TornSegmentError(Exception):
    """The segment is damaged at its end. All whole lines before were given; `line` is the readable rest."""

    def __init__(self, reason: str, line: Line) -> None:
        super().__init__(f"{reason} at byte {line.offset}")
        self.reason, self.line = reason, line


def sealed_segments(landing: Path) -> list[Path]:
    """Return the sealed segments, sorted by name."""
    return sorted(sealed_folder(landing).glob(f"[!.]*{SEALED_SUFFIX}"))


def read_manifest(segment: Path) -> SegmentManifest | None:
    """Return what the segment must hold; None if a person put it there without a manifest.

    Raises:
        msgspec.DecodeError: the manifest is malformed.
    """
    path = manifest_path(segment)
    return msgspec.json.decode(path.read_bytes(), type=SegmentManifest) if path.exists() else None


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
    reason = None
    try:
        for block in blocks:
            room = max_bytes - lines.length
            yield from lines.feed(block[:room])
            if len(block) > room:
                reason = "segment_too_large"
                break
    except zstandard.ZstdError:
        reason = "corrupt_segment"
    if reason or lines.rest:
        raise TornSegmentError(reason or "torn_tail", Line(lines.number, lines.offset, bytes(lines.rest)))


def read_blocks(segment: Path) -> Iterator[bytes]:
    """Give the unpacked bytes of a segment, as far as they can be unpacked.

    Raises:
        zstandard.ZstdError: the compressed data is altered; truncated data just ends.
    """
    with segment.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        while block := reader.read(_BLOCK):
            yield block


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
