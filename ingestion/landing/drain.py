"""Wait until everything acknowledged before now is sealed, so that the loader finds it."""

import time
from pathlib import Path

from ingestion.landing.folders import segments_in
from ingestion.landing.segment import OPEN_SUFFIX
from ingestion.landing.writer import ask_to_seal, open_folder, recover


def drain(landing: Path, patience_seconds: float) -> bool:
    """Seal segments of dead collectors, and wait for living ones to do so. Return False if one was not in time."""
    recover(landing)
    waiting = open_segments(landing)
    if waiting:
        ask_to_seal(landing)
    deadline = time.monotonic() + patience_seconds
    while waiting & open_segments(landing):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def open_segments(landing: Path) -> set[Path]:
    """Segments that hold lines and are not sealed yet."""
    found = set()
    for path in segments_in(open_folder(landing), OPEN_SUFFIX):
        try:
            if path.stat().st_size:
                found.add(path)
        except FileNotFoundError:
            continue
    return found
