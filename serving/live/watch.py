"""One right (a token's login and the site it asks about), read at loads, once a second, for all who watch it.

The newest picture and the last events are kept as the bytes that are sent. A stream takes the newest when it is ready:
there is no queue that could grow.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import Any

import psycopg
from fastapi.sse import format_sse_event

from footfall.answers.formats import Format, written
from serving.api.exchange import Reading
from serving.live.loads import Loads
from serving.live.picture import Picture, take
from serving.tokens.connections import Busy
from serving.tokens.state import Unreachable
from warehouse.access.credential import Credential

POLL_SECONDS = 1.0
"""How often a right is read at the most, on average. After a pause it is read twice in a row, since a click makes two
loads: the page that is left and the one that is opened. Where reading takes long, it rests as long as it took."""
QUIET_SECONDS = 5.0
"""How often it is read where nothing is loaded: sessions are over by the clock alone."""
VALID_SECONDS = 1.0
"""How often the token is looked at again."""
KEPT_EVENTS = 1000
"""How many of the last events are kept for streams that come back."""
FIRST_EVENTS = 20
"""How many of them a new stream is sent."""
POLLS_AT_ONCE = 8
"""Rights read at once: the other connections are left to questions."""

INVALID = "the token is no longer valid"
MISTAKEN = "the server made a mistake; its log says which"
SILENT = "the database does not answer"

_AT_ONCE = asyncio.Semaphore(POLLS_AT_ONCE)
_log = logging.getLogger("serving")


class Watch:
    """What is known of one right now."""

    def __init__(self, reading: Reading, token: Credential, site: str, loads: Loads) -> None:
        self._reading, self._token, self._site, self._loads = reading, token, site, loads
        self.changed = asyncio.Event()
        """Set when there is news, and then replaced."""
        self.picture = b""
        """The newest picture, or that the database is silent, as a message."""
        self.version = 0
        """Grows with each other picture; 0: there is none yet."""
        self.ended: str | None = None
        """Why nothing more will come."""
        self._figures: dict[str, Any] | None = None
        self._events: deque[dict[str, Any]] = deque(maxlen=KEPT_EVENTS)
        self._count = 0
        """How many events have come."""
        self._written: tuple[int, int, bytes] = 0, 0, b""
        self._tasks = [asyncio.create_task(work()) for work in (self._read_always, self._guard)]
        for task in self._tasks:
            task.add_done_callback(self._end_by_error)

    def end(self, reason: str) -> None:
        """End it, and all streams of it."""
        self.ended = self.ended or reason
        for task in self._tasks:
            task.cancel()
        self._report()

    def position_after(self, mark: str | None) -> int:
        """Return from where a stream goes on: after the event of this mark, or where it is not known, with a few."""
        marks = [event["mark"] for event in self._events]
        return self._count - (marks[::-1].index(mark) if mark in marks else min(FIRST_EVENTS, len(marks)))

    def events_since(self, position: int) -> tuple[bytes, int]:
        """Return the events since a position, the oldest first, as far as they are kept.

        Returns:
            A message, empty where nothing has come; and the position after it.
        """
        new = min(self._count - position, len(self._events))
        if new and self._written[:2] != (self._count, new):
            events = list(self._events)[-new:]
            self._written = self._count, new, message("happened", {"events": events}, events[-1]["mark"])
        return self._written[2] if new else b"", self._count

    async def _guard(self) -> None:
        while True:
            with suppress(Unreachable):
                if await self._reading.registry.admit(self._token.written) is None:
                    break
            await asyncio.sleep(VALID_SECONDS)
        self.end(INVALID)

    async def _read_always(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            started, loaded = clock(), self._loads.came
            due = max(due, started) + POLL_SECONDS
            try:
                async with _AT_ONCE:
                    self._show(await self._reading.connections.run(self._token, self._take))
            except (Busy, psycopg.Error) as error:
                if self._figures is not None or not self.version:
                    _log.warning("a live stream cannot be read: %s", error)
                    self._figures = None
                    self._replace_picture(message("silent", {"reason": SILENT}))
            await asyncio.sleep(max(due - POLL_SECONDS - clock(), clock() - started))
            quiet = QUIET_SECONDS if self._loads.are_heard else POLL_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(loaded.wait(), max(0.0, started + quiet - clock()))

    def _end_by_error(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            _log.error("a live stream ends by an error", exc_info=error)
            self.end(MISTAKEN)

    async def _take(self, connection: psycopg.AsyncConnection) -> Picture:
        return await take(connection, self._reading.questions, self._site)

    def _show(self, found: Picture) -> None:
        known = {event["mark"] for event in self._events}
        come = [event for event in reversed(found.events) if event["mark"] not in known]
        self._events.extend(come)
        self._count += len(come)
        if found.figures != self._figures:
            self._figures = found.figures
            about = {"site": self._site or None, "as_of": found.as_of}
            self._replace_picture(message("now", about | found.figures))
        elif come:
            self._report()

    def _replace_picture(self, picture: bytes) -> None:
        self.picture, self.version = picture, self.version + 1
        self._report()

    def _report(self) -> None:
        reported, self.changed = self.changed, asyncio.Event()
        reported.set()


def message(event: str, data: dict[str, Any], mark: str | None = None) -> bytes:
    """Return a message of a stream; with a mark, one that a client which comes back names."""
    return format_sse_event(event=event, data_str=written(Format.JSON, data, (), ()).decode(), id=mark)
