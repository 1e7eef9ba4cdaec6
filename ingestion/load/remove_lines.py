"""Remove lines from a landed file, those of an erased person or of a site that goes.

The other lines are written to a new file, which is fsynced and put in place.
It may be killed anywhere and run again: the old file exists until the last rename, and the new one needs no change.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
import zstandard

from ingestion.event.validate import Landed
from ingestion.landing.folders import MANIFEST_SUFFIX, odd_entries, plain_name, segments_in
from ingestion.landing.reader import TornSegmentError, read_lines, read_manifest
from ingestion.landing.segment import SEALED_SUFFIX, SegmentManifest
from runtime.failpoints import reach
from runtime.files import beside, make_folder, manifest_path, sync, synced

_DECODER = msgspec.json.Decoder(Landed)
RESTING = ("loaded", "refused")
"""Landing folders in which files rest. Open and sealed segments still have to pass the loader."""


class Lines(Protocol):
    """Knows which lines are to go."""

    def has_line(self, content: bytes) -> bool:
        """Whether this line is to go."""


class SiteLines:
    """Recognises the lines of one site, events and rejects."""

    def __init__(self, site_id: str) -> None:
        self._site_id = site_id

    def has_line(self, content: bytes) -> bool:
        """Whether a line of the landing zone is the site's; one that cannot be read is, if it names the site."""
        try:
            return _DECODER.decode(content).site_id == self._site_id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return f'"site_id":"{self._site_id}"' in content.decode(errors="replace")


class UnreadableError(Exception):
    """A file that cannot be searched to its end."""


def resting(landing: Path, folder: str) -> list[Path]:
    """Return the files in a folder of the landing zone."""
    return segments_in(landing / folder)


def unsearchable(landing: Path, folder: str) -> list[str]:
    """Return the names of what lies among the files of a folder and is no segment, such as a folder or a link."""
    odd = odd_entries(landing / folder, SEALED_SUFFIX, MANIFEST_SUFFIX)
    return [f"{folder}/{plain_name(path.name)}" for path in odd]


def find_lines(segment: Path, suppressed: Lines) -> list[bytes]:
    """Return the suppressed lines of a file, as far as it can be read and unpacked."""
    found: list[bytes] = []
    with suppress(UnreadableError):
        found.extend(line for line, _ in _lines(segment) if suppressed.has_line(line))
    return found


def remove_lines(
    segment: Path, suppressed: Lines, folder: Path, record: Callable[[SegmentManifest], None] | None
) -> int:
    """Write the other people's lines of a file to `folder`, and return how many were removed.

    A file without other lines is deleted. In a loaded file, data that cannot be unpacked is removed too, and `record`
    gets the manifest of the new file before that file appears. A refused file has no `record`, and keeps its old
    manifest: the two do not fit, so that the file stays untrusted.

    Raises:
        UnreadableError: a file cannot be read, or a refused one not be unpacked whole; it is as it was.
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
    """Give each line, and whether it could be unpacked; the unreadable rest counts as one line."""
    try:
        for line in read_lines(segment):
            yield line.content, True
    except TornSegmentError as torn:
        yield torn.line.content, torn.is_unpacked
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"{segment.parent.name}/{segment.name}") from error


def _replace(segment: Path, suppressed: Lines, target: Path, record: Callable[[SegmentManifest], None] | None) -> None:
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


def _write(segment: Path, suppressed: Lines, folder: Path) -> tuple[Path, SegmentManifest]:
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
