"""All landed files as one set: copy them for a backup, and sort them by the ledger. Reads no line of them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text

from ingestion.landing.folders import MANIFEST_SUFFIX, segments_in
from ingestion.landing.reader import sealed_segments
from ingestion.landing.segment import SEALED_SUFFIX
from ingestion.landing.writer import sealed_folder
from runtime.files import beside, make_folder, manifest_path, sync

FOLDERS = ("sealed", "loaded", "refused")
"""The landing folders, in the order in which a file goes through them: a file that moves is found in the next."""


def archive(landing: Path, folder: Path) -> None:
    """Put every sealed, loaded or refused segment into `folder` with its manifest: as a hard link if possible.

    A sealed file never changes, so that a link is as good as a copy. Loads may go on meanwhile.
    """
    make_folder(folder)
    for stage in FOLDERS:
        for path in _files(landing / stage):
            if not (folder / path.name).exists():
                with suppress(FileNotFoundError):  # It moved to the next folder.
                    link(path, folder / path.name)


def bring_back(folder: Path, landing: Path) -> int:
    """Put archived segments that the landing zone lacks before the loader, and return how many.

    Segments that were loaded before do no harm: the loader recognises them.
    """
    there = {path.name for stage in FOLDERS for path in _files(landing / stage)}
    make_folder(sealed_folder(landing))
    back = 0
    # Manifests come first, because a segment without one is trusted. Their names sort after those of their segments.
    for path in sorted(_files(folder), reverse=True):
        if path.name not in there:
            link(path, sealed_folder(landing) / path.name)
            back += path.name.endswith(SEALED_SUFFIX)
    return back


def sort_by_ledger(connection: Connection, landing: Path) -> int:
    """Move every segment to the folder of its state in the ledger, and return how many wait to be loaded.

    Segments that the ledger does not know wait: they were never loaded into this database.
    """
    segments = [path for stage in FOLDERS for path in segments_in(landing / stage)]
    states: dict[str, str] = {
        row.file_name: row.state
        for row in connection.execute(
            # `loaded` wins over `refused`: a file that was refused, repaired and loaded is loaded.
            text(
                "select distinct on (file_name) file_name, state from ops.landed_files"
                " where file_name = any(:names) order by file_name, state"
            ),
            {"names": [segment.name for segment in segments]},
        )
    }
    for segment in segments:
        folder = landing / states.get(segment.name, "sealed")
        if folder != segment.parent:
            _move(segment, folder)
    return len(sealed_segments(landing))


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it if the folders lie on different disks. It appears whole or not at all."""
    fresh = beside(target)
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, fresh)
        sync(fresh)
    fresh.rename(target)


def _move(segment: Path, folder: Path) -> None:
    make_folder(folder)
    manifest = manifest_path(segment)
    # A segment must never be without its manifest, neither before its load nor in `refused`.
    for path in (segment, manifest) if folder.name == "refused" else (manifest, segment):
        with suppress(FileNotFoundError):  # There was no manifest.
            path.rename(folder / path.name)


def _files(folder: Path) -> Iterator[Path]:
    """Give the segments and their manifests. What else lies there is no part of a backup."""
    for suffix in (SEALED_SUFFIX, MANIFEST_SUFFIX):
        yield from segments_in(folder, suffix)
