"""Land the outcomes of an importer, and count them: lines = events + rejects + skipped.

The segments depend on the imported content alone, so that the same import makes the same segments again.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.event.validate import MAX_USER_AGENT, Landed, LandedEvent, encode_line
from ingestion.importers.lines import ImporterError
from ingestion.landing.writer import SegmentWriter

_CHUNK_BYTES = 1024 * 1024


@dataclass
class ImportCount:
    """Outcomes of the lines read so far."""

    lines: int = 0
    events: int = 0
    rejects: int = 0
    skipped: int = 0


Progress = Callable[[ImportCount], None]


def silent(count: ImportCount) -> None:
    """Report no progress."""


def land(outcomes: Iterable[Landed | None], landing: Path, progress: Progress) -> ImportCount:
    """Write one outcome per line (None: skipped) to the landing zone and seal it.

    Lines read before an error are landed too: running the import again adds only the others.

    Raises:
        ImporterError: reading the lines broke off.
        LandingError: the landing zone accepts no lines.
    """
    count = ImportCount()
    with SegmentWriter(landing, "import", max_seconds=math.inf) as writer:
        for lines in _chunks(outcomes, count):
            writer.append(lines)
            writer.seal_finished()
            progress(count)
    progress(count)
    return count


def user_agent(text: str | None) -> str | None:
    """Return the user agent as it is stored: without NUL, cut; None where nothing is left."""
    return (text or "").replace("\0", "")[:MAX_USER_AGENT] or None


def _chunks(outcomes: Iterable[Landed | None], count: ImportCount) -> Iterator[bytes]:
    """Group lines for one fsync. If reading fails, give the lines so far before raising the error."""
    chunk: list[bytes] = []
    waiting = 0
    damage = None
    try:
        for outcome in outcomes:
            _add(count, outcome)
            if outcome is not None:
                chunk.append(encode_line(outcome))
                waiting += len(chunk[-1])
            if waiting >= _CHUNK_BYTES:
                yield b"".join(chunk)
                chunk, waiting = [], 0
    except ImporterError as error:
        damage = error
    if chunk:
        yield b"".join(chunk)
    if damage:
        raise damage


def _add(count: ImportCount, outcome: Landed | None) -> None:
    count.lines += 1
    if outcome is None:
        count.skipped += 1
    elif isinstance(outcome, LandedEvent):
        count.events += 1
    else:
        count.rejects += 1
