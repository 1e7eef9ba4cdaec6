"""Group commit: requests that arrive while one fsync runs share the next. File work is done in threads."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from ingestion.collector.http.counters import Row
from ingestion.landing.writer import LandingError, SegmentWriter

_log = logging.getLogger(__name__)
_HEALTH_LASTS_SECONDS = 1.0


class _Group:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.waiting: list[asyncio.Future[None]] = []

    def report(self, error: LandingError | None) -> None:
        """Report the outcome to all waiting requests. Each has its own future: one that gives up cancels no other."""
        for landed in self.waiting:
            if landed.done():
                continue
            if error:
                landed.set_exception(error)
            else:
                landed.set_result(None)


class GroupCommit:
    """Lands lines through one writer. Make and use it inside the running loop."""

    def __init__(self, writer: SegmentWriter, counts: Row) -> None:
        self._writer, self._counts = writer, counts
        self._loop = asyncio.get_running_loop()
        self._writing = ThreadPoolExecutor(1, "commit")
        self._sealing = ThreadPoolExecutor(1, "seal")
        self._next = _Group()
        self._draining: asyncio.Task[None] | None = None
        self._healthy, self._asked_at = True, float("-inf")
        self._can_seal = True

    def land(self, lines: bytes) -> "asyncio.Future[None]":
        """Return a future that is done when the lines are on disk. It raises LandingError if none of them count."""
        landed = self._loop.create_future()
        self._next.parts.append(lines)
        self._next.waiting.append(landed)
        if self._draining is None:
            self._draining = self._loop.create_task(self._drain())
        return landed

    async def is_healthy(self) -> bool:
        """Whether the landing zone accepts bytes: by the last commit if it is recent, else by a trial."""
        if time.monotonic() - self._asked_at > _HEALTH_LASTS_SECONDS:
            try:
                await self._loop.run_in_executor(self._writing, self._writer.probe)
                self._judge(None)
            except LandingError as error:
                self._judge(error)
        return self._healthy

    async def tend(self) -> None:
        """Finish the open segment if it is due, and seal finished ones. Call it regularly."""
        await self._loop.run_in_executor(self._writing, self._writer.rotate_if_due)
        await self._seal()

    async def close(self) -> None:
        """Land waiting lines and seal everything."""
        if self._draining:
            await self._draining
        await self._loop.run_in_executor(self._writing, self._writer.finish)
        await self._seal()
        self._writing.shutdown()
        self._sealing.shutdown()

    async def _drain(self) -> None:
        while self._next.parts:
            group, self._next = self._next, _Group()
            lines = b"".join(group.parts)
            started = time.monotonic()
            try:
                await self._loop.run_in_executor(self._writing, self._writer.append, lines)
            except LandingError as error:
                self._judge(error)
                self._counts.add("commit_failures_total")
                group.report(error)
            else:
                self._judge(None)
                self._counts.add("commits_total")
                self._counts.add("landed_bytes_total", len(lines))
                group.report(None)
            self._counts.add("commit_microseconds_total", int((time.monotonic() - started) * 1e6))
        self._draining = None

    async def _seal(self) -> None:
        try:
            sealed = await self._loop.run_in_executor(self._sealing, self._writer.seal_finished)
        except OSError as error:
            if self._can_seal:
                _log.error("sealing failed", extra={"error": str(error)})
            self._can_seal = False
        else:
            self._counts.add("segments_sealed_total", sealed)
            self._can_seal = True

    def _judge(self, error: LandingError | None) -> None:
        if self._healthy and error:
            _log.error("the landing zone takes nothing", extra={"error": str(error)})
        elif not self._healthy and not error:
            _log.warning("the landing zone takes lines again")
        self._healthy, self._asked_at = error is None, time.monotonic()
