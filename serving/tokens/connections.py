"""Connections to the database, each logged in as one token's own role, opened on demand and closed when idle.

A pool for each token would limit what one token opens, but not what all of them open together: roles are many, and the
server's connections are few. So all connections are kept here, and the one that is idle longest makes room.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg.pq import TransactionStatus
from sqlalchemy import URL

from warehouse.postgres.connect import connect_async
from warehouse.postgres.roles import API_CONNECTIONS

MOST = API_CONNECTIONS
WAIT_SECONDS = 5.0
"""How long a request waits for one of them."""
IDLE_SECONDS = 30.0
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
"""How long a statement may take."""
LOCK_SECONDS = 5
"""How long it may wait for a lock: a restore holds some for as long as it lasts."""

_Result = TypeVar("_Result")
Work = Callable[[AsyncConnection], Awaitable[_Result]]


class Login(Protocol):
    """A role of the server that reads: a token's own, or the analyst."""

    @property
    def role(self) -> str:
        """Its name."""

    @property
    def password(self) -> str:
        """Its password."""


class Busy(Exception):
    """All connections were in use for as long as a request may wait."""


@dataclass
class _Idle:
    role: str
    connection: AsyncConnection
    since: float = field(default_factory=time.monotonic)


class Connections:
    """The connections of all tokens. `url` gives the address of the database, as it is now."""

    def __init__(self, url: Callable[[], URL]) -> None:
        self._url = url
        self._free = asyncio.Semaphore(MOST)
        self._in_use = 0
        self._idle: list[_Idle] = []

    async def run(self, login: Login, work: Work[_Result], keep: bool = True) -> _Result:
        """Do the work in a read-only transaction that sees one moment, as this role.

        A connection that the server ended while it was idle is replaced once. One that is not to be kept ends with the
        work, and with it all that the work has changed in its session.

        Raises:
            Busy: no connection came free.
            psycopg.Error: as the server says.
        """
        try:
            await asyncio.wait_for(self._free.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise Busy from None
        self._in_use += 1
        try:
            idle = self._take(login.role)
            if idle:
                try:
                    return await self._use(login.role, idle, work, keep)
                except psycopg.OperationalError:
                    if not idle.closed:
                        raise
            return await self._use(login.role, await self._open(login), work, keep)
        finally:
            self._in_use -= 1
            self._free.release()

    async def close_idle(self, older_than_seconds: float = IDLE_SECONDS) -> None:
        """Close what is idle for so long."""
        before = time.monotonic() - older_than_seconds
        due = [each for each in self._idle if each.since <= before]
        self._idle = [each for each in self._idle if each.since > before]
        for each in due:
            await each.connection.close()

    async def _use(self, role: str, connection: AsyncConnection, work: Work[_Result], keep: bool) -> _Result:
        try:
            async with connection.transaction():
                result = await work(connection)
        except Exception:
            await self._put_back(role, connection, keep)
            raise
        except BaseException:
            # It was cancelled, perhaps in the middle of a statement.
            await connection.close()
            raise
        else:
            await self._put_back(role, connection, keep)
            return result

    async def _put_back(self, role: str, connection: AsyncConnection, keep: bool) -> None:
        is_idle = connection.info.transaction_status is TransactionStatus.IDLE
        if not keep or connection.closed or connection.broken or not is_idle:
            with suppress(psycopg.Error):
                await connection.close()
        else:
            self._idle.append(_Idle(role, connection))

    def _take(self, role: str) -> AsyncConnection | None:
        for number in range(len(self._idle) - 1, -1, -1):
            if self._idle[number].role == role:
                return self._idle.pop(number).connection
        return None

    async def _open(self, login: Login) -> AsyncConnection:
        # This one is in use already.
        while self._idle and len(self._idle) + self._in_use > MOST:
            await self._idle.pop(0).connection.close()
        url = self._url().set(username=login.role, password=login.password)
        url = url.update_query_dict({"application_name": "footfall serving"})
        connection = await connect_async(
            url,
            f"statement_timeout={STATEMENT_SECONDS}s",
            f"lock_timeout={LOCK_SECONDS}s",
            connect_timeout=CONNECT_SECONDS,
        )
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        return connection
