"""Which tokens there are, and what answers depend on, as the database said a moment ago.

One connection reads them every second, and at once when the database reports a change.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import URL

from warehouse.access.limits import NO_LIMITS, TokenLimits
from warehouse.postgres.connect import connect_async

READ_SECONDS = 1.0
"""How often it is read while nothing is reported."""
AGAIN_SECONDS = 0.1
"""When a connection that was ended is made again."""
FRESH_SECONDS = 2.0
"""How old it may be for an answer. A token is valid, or no longer valid, after so long."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 2
"""How long reading may take; a restore locks the tokens for as long as it lasts."""
CHANNEL = "footfall_answers"
"""What migration 0038 notifies with each publication, pruning, privacy request, and change of tokens and sites."""

_READ = """
select
    read.state, t.token_id, t.token_hash, t.origins, t.expires_at, t.reads_contacts, t.page,
    t.sees_all_sites, t.requests_per_minute, t.most_at_once, t.most_rows
from (select ops.state_of_answers() as state) as read
left join ops.tokens as t on t.revoked_at is null
"""
_USED = """
insert into ops.token_uses (token_id, last_used_at) select unnest(%s::text[]), now()
on conflict (token_id) do update set last_used_at = excluded.last_used_at
"""

_log = logging.getLogger("serving")


class Unreachable(Exception):
    """The database does not say which tokens there are."""


@dataclass(frozen=True)
class Known:
    """A token that was valid when it was read."""

    hash: str
    origins: frozenset[str]
    expires_at: datetime | None
    reads_contacts: bool
    page: str | None = None
    """Address of the one page that it shows; None: it is a token of a reader."""
    limits: TokenLimits = NO_LIMITS
    sees_all_sites: bool = False


class State:
    """What was read last. It is read from the first time that it is asked for, until `close`."""

    def __init__(self, url: Callable[[], URL], clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self.tokens: Mapping[str, Known] = {}
        self.changed: list[Callable[[], None]] = []
        """Called when answers that were good may no longer be."""
        self._clock = clock
        self._answers: str | None = None
        self._version = 0
        self._read_at = self._failed_at = -FRESH_SECONDS
        self._used: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._next: asyncio.Future[None] | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether it was read a moment ago."""
        return self._clock() - self._read_at < FRESH_SECONDS

    @property
    def version(self) -> int | None:
        """A number that is another one when answers may be; None: not known, or no answer stays good."""
        return self._version if self._answers is not None and self.is_fresh else None

    def use(self, token_id: str) -> None:
        """Record with the next reading that a token is used."""
        self._used.add(token_id)

    async def refresh(self) -> None:
        """Wait until it is fresh.

        Raises:
            Unreachable: the database does not answer.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_always())
        if self.is_fresh:
            return
        if self._clock() - self._failed_at < READ_SECONDS:
            raise Unreachable  # It is tried again in a moment.
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(self._next), CONNECT_SECONDS + STATEMENT_SECONDS)
        except TimeoutError:
            raise Unreachable from None

    async def close(self) -> None:
        """Read no longer."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read_always(self) -> None:
        while True:
            try:
                await self._read_connected()
            except (psycopg.Error, TimeoutError) as error:
                self._change(None)
                if self.is_fresh:
                    # The connection was ended; perhaps another one can be made.
                    await asyncio.sleep(AGAIN_SECONDS)
                    continue
                _log.warning("the tokens cannot be read: %s", error)
                self._failed_at = self._clock()
                self._report(Unreachable())
            await asyncio.sleep(READ_SECONDS)

    async def _read_connected(self) -> None:
        limit = f"statement_timeout={STATEMENT_SECONDS}s"
        async with await connect_async(self.url(), limit, connect_timeout=CONNECT_SECONDS) as connection:
            await connection.execute(f"listen {CHANNEL}")
            while True:
                async with asyncio.timeout(2 * STATEMENT_SECONDS):
                    await self._read(connection)
                async for _ in connection.notifies(timeout=READ_SECONDS, stop_after=1):
                    self._change(None)

    async def _read(self, connection: psycopg.AsyncConnection) -> None:
        began = self._clock()
        rows = await (await connection.execute(_READ)).fetchall()
        answers, tokens = rows[0][0], dict(_tokens(rows))
        if answers != self._answers or tokens != self.tokens:
            self.tokens = tokens
            self._change(answers)
        self._read_at = began
        self._report(None)
        if self._used:
            used, self._used = sorted(self._used), set()
            await connection.execute(_USED, [used])

    def _change(self, answers: str | None) -> None:
        self._answers = answers
        self._version += 1
        for call in self.changed:
            call()

    def _report(self, error: Unreachable | None) -> None:
        waited, self._next = self._next, None
        if waited and error:
            waited.set_exception(error)
        elif waited:
            waited.set_result(None)


def _tokens(rows: Iterable[tuple]) -> Iterable[tuple[str, Known]]:
    for _, token_id, token_hash, origins, expires_at, reads_contacts, page, sees_all, *limits in rows:
        if token_id is not None:
            yield (
                token_id,
                Known(token_hash, frozenset(origins), expires_at, reads_contacts, page, TokenLimits(*limits), sees_all),
            )
