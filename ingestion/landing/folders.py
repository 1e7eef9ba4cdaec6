"""What lies in the landing folders: segments, and what is none. Reads no file and moves nothing."""

import os
import time
from pathlib import Path

from ingestion.landing.segment import OPEN_SUFFIX, SEALED_SUFFIX
from runtime.files import manifest_path

MAX_NAME_BYTES = 200
"""Longer names leave no room for what is written beside a file."""
MANIFEST_SUFFIX = manifest_path(Path(SEALED_SUFFIX)).name
_SEALING_SECONDS = 0.3
"""A manifest appears this long before its segment, at most."""


def segments_in(folder: Path, suffix: str = SEALED_SUFFIX) -> list[Path]:
    """Return the segments in a landing folder, sorted by name: files that are no links, with fit names."""
    return sorted(Path(entry.path) for entry in _entries(folder) if is_segment(entry, suffix))


def misplaced(landing: Path) -> dict[Path, str]:
    """Find what lies among the sealed segments and is neither one, nor its manifest, nor unfinished.

    Returns:
        Path → why it is no segment.
    """
    folder = landing / "sealed"
    found = {Path(entry.path): _reason(entry) for entry in _entries(folder) if not is_segment(entry)}
    manifests = set(segments_in(folder, MANIFEST_SUFFIX))
    if lonely := [path for path in manifests if _is_lonely(landing, path)]:
        # Sealing and moving a segment take a moment.
        time.sleep(_SEALING_SECONDS)
    for path in manifests:
        if path in lonely and path.exists() and _is_lonely(landing, path):
            found[path] = "its manifest is here, but the file itself is gone"
        else:
            del found[path]
    return found


def odd_entries(folder: Path, *suffixes: str) -> list[Path]:
    """Return what lies in a landing folder and is no file with one of these suffixes: nothing reads it."""
    known = {path for suffix in suffixes for path in segments_in(folder, suffix)}
    return sorted({Path(entry.path) for entry in _entries(folder)} - known)


def is_segment(entry: "os.DirEntry[str]", suffix: str = SEALED_SUFFIX) -> bool:
    """Whether an entry of a folder is a segment, by its kind and name."""
    return entry.name.endswith(suffix) and _has_fit_name(entry.name) and entry.is_file(follow_symlinks=False)


def plain_name(name: str) -> str:
    """Return a file's name as text that any terminal, database and folder can take."""
    text = os.fsencode(name).decode(errors="backslashreplace")
    plain = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return os.fsencode(plain)[:MAX_NAME_BYTES].decode(errors="ignore")


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """Return the entries of a folder but for unfinished files; none if there is no folder."""
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _reason(entry: "os.DirEntry[str]") -> str:
    if entry.is_symlink():
        return "it is a link"
    if entry.is_dir(follow_symlinks=False):
        return "it is a folder"
    if not entry.is_file(follow_symlinks=False):
        return "it is no file"
    if not _has_fit_name(entry.name):
        return "its name is too long, or holds what cannot be printed"
    return f"its name does not end in {SEALED_SUFFIX}, so that it is no sealed segment"


def _has_fit_name(name: str) -> bool:
    return name.isprintable() and len(os.fsencode(name)) <= MAX_NAME_BYTES


def _is_lonely(landing: Path, manifest: Path) -> bool:
    """Whether a manifest has no segment, and none that is being sealed."""
    stem = manifest.name.removesuffix(MANIFEST_SUFFIX)
    segment, being_sealed = manifest.with_name(f"{stem}{SEALED_SUFFIX}"), landing / "open" / f"{stem}{OPEN_SUFFIX}"
    return not os.path.lexists(segment) and not being_sealed.exists()
