"""When events were loaded: the loader says so, and live streams are read then."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

from warehouse.postgres.connect import connect_async

CHANNEL = "footfall_loaded"
"""What the loader notifies with each file, at its commit."""
RETRY_SECONDS = 5.0

_log = logging.getLogger("serving")


class Loads:
    """The loads that come. While the database does not answer, none does."""

    def __init__(self, url: Callable[[], URL]) -> None:
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self.came = asyncio.Event()
        """Set at the next load, and when it is not heard any more, and then replaced. Take it before reading."""
        self.are_heard = False
        """Whether each load that comes is reported."""

    def begin(self) -> None:
        """Listen from now on."""
        self._task = self._task or asyncio.create_task(self._listen())

    def end(self) -> None:
        """Listen no longer."""
        if self._task:
            self._task.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect_async(self._url()) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.are_heard = True
                    async for _ in connection.notifies():
                        self._report()
            except psycopg.Error as error:
                _log.warning("live streams do not learn of loads: %s", error)
            self.are_heard = False
            self._report()
            await asyncio.sleep(RETRY_SECONDS)

    def _report(self) -> None:
        came, self.came = self.came, asyncio.Event()
        came.set()
