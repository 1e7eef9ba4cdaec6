"""Take an erased person's lines out of a landed file: what stays is written anew, fsynced and put in its place.

Killed anywhere, it may run again: until the last rename the old file is there, and the new one is found clean.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import zstandard

from ingestion.landing.reader import TornSegmentError, read_lines, read_manifest
from ingestion.landing.segment import SEALED_SUFFIX, SegmentManifest
from ingestion.load.suppressed import Suppressed
from runtime.failpoints import reach
from runtime.files import beside, make_folder, manifest_path, sync, synced

RESTING = ("loaded", "refused")
"""Landing folders where files rest. What is open or sealed has yet to pass the loader."""


class UnreadableError(Exception):
    """A file of which not everything can be searched."""


def is_whole(segment: Path) -> bool:
    """Whether the compressed data ends where it should. What lies behind a cut cannot be read, but it is there."""
    frame = None
    with segment.open("rb") as file:
        try:
            while block := file.read(1024 * 1024):
                while block:
                    frame = frame or zstandard.ZstdDecompressor().decompressobj()
                    frame.decompress(block)
                    block, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
        except zstandard.ZstdError:
            return False
    return frame is None


def resting(landing: Path, folder: str) -> list[Path]:
    """The files that lie in a folder of the landing zone."""
    return sorted((landing / folder).glob(f"[!.]*{SEALED_SUFFIX}"))


def find_lines(segment: Path, suppressed: Suppressed) -> list[bytes]:
    """The suppressed lines of a file, as far as it can be unpacked."""
    return [line for line, _ in _lines(segment) if suppressed.has_line(line)]


def remove_lines(
    segment: Path, suppressed: Suppressed, folder: Path, record: Callable[[SegmentManifest], None] | None
) -> int:
    """Leave the other lines of a file in `folder`, and return how many went. A file without any goes itself.

    Of a loaded file what cannot be unpacked goes, too, and `record` gets what the new file holds before it is there.
    A refused file has no `record`, and keeps the manifest that it does not fit: it is not to be trusted.

    Raises:
        UnreadableError: a refused file cannot be unpacked whole; it is as it was.
    """
    removed = 0
    for line, is_unpacked in _lines(segment):
        if not is_unpacked and not record:
            raise UnreadableError(f"{segment.parent.name}/{segment.name}")
        removed += not is_unpacked or suppressed.has_line(line)
    if removed:
        make_folder(folder)
        _replace(segment, suppressed, folder / segment.name, record)
    return removed


def _lines(segment: Path) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it could be unpacked; the rest that could not counts as one."""
    try:
        for line in read_lines(segment):
            yield line.content, True
    except TornSegmentError as torn:
        yield torn.line.content, torn.reason == "torn_tail"
    if not is_whole(segment):
        yield b"", False


def _replace(
    segment: Path, suppressed: Suppressed, target: Path, record: Callable[[SegmentManifest], None] | None
) -> None:
    fresh, manifest = _write(segment, suppressed, target.parent)
    if not manifest.line_count:
        manifest_path(target).unlink(missing_ok=True)
    elif record:
        record(manifest)
        if before := read_manifest(segment):
            manifest = msgspec.structs.replace(manifest, was=(*before.was, before.sha256))
        _put(manifest_path(target), msgspec.json.encode(manifest))
    reach("remove_lines:manifest")
    if manifest.line_count:
        fresh.rename(target)
    else:
        fresh.unlink()
        target.unlink(missing_ok=True)
    sync(target.parent)
    reach("remove_lines:file")


def _write(segment: Path, suppressed: Suppressed, folder: Path) -> tuple[Path, SegmentManifest]:
    fresh = beside(folder / segment.name)
    count, length, digest = 0, 0, hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with synced(fresh) as file, compressor.stream_writer(file, closefd=False) as stream:
        for line, is_unpacked in _lines(segment):
            if is_unpacked and not suppressed.has_line(line):
                content = line + b"\n"
                stream.write(content)
                digest.update(content)
                count, length = count + 1, length + len(content)
    return fresh, SegmentManifest(count, length, digest.hexdigest())


def _put(path: Path, content: bytes) -> None:
    with synced(beside(path)) as file:
        file.write(content)
    beside(path).rename(path)
