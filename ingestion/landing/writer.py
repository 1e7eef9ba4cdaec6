"""The landing zone: append lines durably, recover segments of dead processes. `ingestion.landing.reader` reads it.

`open/` holds the segments being written, `sealed/` the finished ones. Both appear on demand. Touching
`seal-request` asks for what is open by then to be sealed at once.
"""

import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ingestion.landing.folders import segments_in
from ingestion.landing.segment import OPEN_SUFFIX, Segment, SegmentBusyError
from runtime.errors import FootfallError, explain
from runtime.files import make_folder, synced

SEGMENT_BYTES = 32 * 1024 * 1024
SEGMENT_SECONDS = 10.0
_PROBE_BYTES = 64 * 1024


class LandingError(FootfallError):
    """The lines could not be written: none of them count, and the sender should try again."""


class SegmentWriter:
    """Appends lines to an open segment, and starts a new one when it is full, old or damaged.

    One thread must call all methods except `seal_finished`, which may run in another. A damaged segment is never
    written to again, only sealed at its last known-good length.
    """

    def __init__(
        self,
        landing: Path,
        name: str,
        max_bytes: int = SEGMENT_BYTES,
        max_seconds: float = SEGMENT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        hand_over: Callable[[Segment], bool] = lambda segment: False,
    ) -> None:
        self._open, self._sealed = open_folder(landing), sealed_folder(landing)
        self._request = _seal_request(landing)
        self._name = re.sub(r"[^A-Za-z0-9_-]", "-", name)
        self._max_bytes, self._max_seconds, self._clock = max_bytes, max_seconds, clock
        self._hand_over = hand_over
        self._segment: Segment | None = None
        self._first_line_at, self._requested_before = 0.0, 0
        self._finished: deque[Segment] = deque()
        self._sealing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, lines: bytes) -> None:
        """Put whole lines (each ending in a line feed) on disk, all or none.

        Raises:
            LandingError: none of them count.
        """
        try:
            segment = self._segment or self._start()
            if segment.length == 0:
                self._first_line_at, self._requested_before = self._clock(), self._requested()
            segment.append(lines)
        except (OSError, SegmentBusyError) as error:
            if self._segment and not self._segment.is_usable:
                self.finish()
            raise LandingError(explain(error) or str(error)) from error
        self.rotate_if_due()

    def rotate_if_due(self) -> None:
        """Finish the open segment if it is full, if its first line is old, or if sealing was asked for since."""
        segment = self._segment
        if segment and segment.length:
            age = self._clock() - self._first_line_at
            due = segment.length >= self._max_bytes or age >= self._max_seconds
            if due or self._requested() != self._requested_before:
                self.finish()

    def seal_finished(self) -> int:
        """Hand finished segments over; seal those that cannot be handed over, and return how many were sealed.

        Raises:
            OSError: one could not be sealed; it stays as it is and is tried again next time.
        """
        sealed = 0
        with self._sealing:
            while self._finished:
                if not self._hand_over(self._finished[0]):
                    self._finished[0].seal(self._sealed)
                    sealed += 1
                self._finished.popleft()
        return sealed

    def probe(self) -> None:
        """Test whether the landing zone accepts bytes, without landing any.

        Raises:
            LandingError: it does not.
        """
        path = self._open / f".probe-{secrets.token_hex(6)}"
        try:
            make_folder(self._open)
            try:
                with synced(path) as file:
                    file.write(bytes(_PROBE_BYTES))
            finally:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise LandingError(explain(error) or str(error)) from error

    def finish(self) -> None:
        """Finish the open segment, so that it can be sealed."""
        if self._segment:
            self._finished.append(self._segment)
            self._segment = None

    def close(self) -> None:
        """Seal everything. The writer may be used again."""
        self.finish()
        self.seal_finished()

    def _requested(self) -> int:
        """Return when sealing was last asked for."""
        try:
            return self._request.stat().st_mtime_ns
        except OSError:
            return 0

    def _start(self) -> Segment:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{self._name}-{secrets.token_hex(6)}{OPEN_SUFFIX}"
        self._segment = Segment.create(self._open / name)
        return self._segment


@dataclass(frozen=True)
class Recovery:
    """What was recovered from dead processes."""

    segments_sealed: int = 0
    torn_lines: int = 0
    torn_bytes: int = 0


def recover(landing: Path) -> Recovery:
    """Cut the torn tails of segments whose writers died, and seal them. May run at any time, and again.

    Living writers are left alone. A torn line was never acknowledged: its fsync had not returned.

    Raises:
        OSError: of one segment or more; all others were recovered.
    """
    sealed = torn_lines = torn_bytes = 0
    failure: OSError | None = None
    for path in segments_in(open_folder(landing), OPEN_SUFFIX):
        try:
            segment = Segment.adopt(path)
        except SegmentBusyError:
            continue
        except OSError as error:
            failure = error
            continue
        try:
            torn_bytes += segment.torn_bytes
            torn_lines += segment.torn_bytes > 0
            segment.cut_tail()
            sealed += segment.seal(sealed_folder(landing)) is not None
        except OSError as error:
            segment.release()
            failure = error
    if failure:
        raise failure
    return Recovery(sealed, torn_lines, torn_bytes)


def ask_to_seal(landing: Path) -> None:
    """Ask living writers to seal their open segments within a second, instead of when they are full or old."""
    make_folder(landing)
    _seal_request(landing).touch()


def _seal_request(landing: Path) -> Path:
    return landing / "seal-request"


def open_folder(landing: Path) -> Path:
    """Where segments are written."""
    return landing / "open"


def sealed_folder(landing: Path) -> Path:
    """Where finished segments wait for the loader."""
    return landing / "sealed"
