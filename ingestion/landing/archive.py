"""Landed files as one set: copied for a backup, and put where a ledger says that they belong. Reads no line of them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text

from ingestion.landing.reader import sealed_segments
from ingestion.landing.segment import SEALED_SUFFIX
from ingestion.landing.writer import sealed_folder
from runtime.files import beside, make_folder, manifest_path, sync

FOLDERS = ("sealed", "loaded", "refused")
"""In the order in which a file goes through them: one that moves meanwhile is found in the next."""


def archive(landing: Path, folder: Path) -> None:
    """Put every sealed segment and manifest into `folder`, whatever became of it, by another link where that can be.

    A sealed file never changes, so that a link is as good as a copy. Loads may go on meanwhile.
    """
    make_folder(folder)
    for stage in FOLDERS:
        for path in _files(landing / stage):
            if not (folder / path.name).exists():
                with suppress(FileNotFoundError):  # It was moved on.
                    link(path, folder / path.name)


def bring_back(folder: Path, landing: Path) -> int:
    """Let archived segments that the landing zone lacks wait for the loader, and return how many.

    One that was loaded before makes no difference: the loader knows it.
    """
    there = {path.name for stage in FOLDERS for path in _files(landing / stage)}
    make_folder(sealed_folder(landing))
    back = 0
    # Manifests first: a segment without one is trusted. Their names come behind those of their segments.
    for path in sorted(_files(folder), reverse=True):
        if path.name not in there:
            link(path, sealed_folder(landing) / path.name)
            back += path.name.endswith(SEALED_SUFFIX)
    return back


def sort_by_ledger(connection: Connection, landing: Path) -> int:
    """Put every segment where the ledger says that it belongs, and return how many wait to be loaded.

    Those it does not know wait: they were loaded into another database than this one.
    """
    segments = [path for stage in FOLDERS for path in (landing / stage).glob(f"[!.]*{SEALED_SUFFIX}")]
    states: dict[str, str] = {
        row.file_name: row.state
        for row in connection.execute(
            # Loaded comes before refused: what was repaired and loaded is loaded.
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
    """Give a file another name, by a copy where the folders lie on different disks. All of it is there, or nothing."""
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
    # To be loaded a segment needs its manifest; in `refused` it must not be without one either.
    for path in (segment, manifest) if folder.name == "refused" else (manifest, segment):
        with suppress(FileNotFoundError):  # There was no manifest.
            path.rename(folder / path.name)


def _files(folder: Path) -> Iterator[Path]:
    return folder.glob(f"[!.]*{SEALED_SUFFIX}*")
