"""The tokens that may ask, as the database knew them a moment ago, and when each was last used.

What a token may see, the database decides for each statement by itself.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import AsyncConnection, Error
from sqlalchemy import URL

from warehouse.access.credential import Credential, read_credential
from warehouse.postgres.connect import connect_async

FRESH_SECONDS = 2.0
"""How old the known tokens may be. A new or revoked token has its effect after so long."""
AHEAD_SECONDS = 1.0
"""How old they are when they are read again beside the requests, so that none waits for it."""
USE_SECONDS = 60.0
"""How often the use of a token is recorded."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 2
"""How long reading them may take; a restore locks their table for as long as it lasts."""
_NO_HASH, _WRONG_HASH = "0" * 64, "1" * 64

_KNOWN = """
select token_id, token_hash, origins, expires_at, reads_contacts, page from ops.tokens where revoked_at is null
"""
_USED = """
insert into ops.token_uses (token_id, last_used_at) values (%s, now())
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


class Registry:
    """The valid tokens, read again when they are asked for. Who asks waits if they are older than `FRESH_SECONDS`."""

    def __init__(self, url: Callable[[], URL], clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._read_at = -FRESH_SECONDS
        self._recorded_at: dict[str, float] = {}
        self._failed_at = -FRESH_SECONDS
        self._reading = asyncio.Lock()
        self._ahead: asyncio.Task[None] | None = None

    async def admit(self, written: str) -> tuple[Credential, Known] | None:
        """Return the token with what is known of it; None for one that is not valid, or that shows one page alone.

        Raises:
            Unreachable: the database does not answer, and what was read of it is too old.
        """
        admitted = await self._admit(written)
        return admitted if admitted and admitted[1].page is None else None

    async def admit_to_page(self, written: str) -> tuple[Credential, str] | None:
        """Return the token with the address of the one page that it shows; None for any other.

        Raises:
            Unreachable: as above.
        """
        admitted = await self._admit(written)
        return (admitted[0], admitted[1].page) if admitted and admitted[1].page else None

    async def _admit(self, written: str) -> tuple[Credential, Known] | None:
        """Return the token if it is valid. Records its use.

        Takes as long for a wrong secret as for a right one, and for an id that no token has.

        Raises:
            Unreachable: the database does not answer, and what was read of it is too old.
        """
        await self._refresh()
        given = read_credential(written)
        known = self._known.get(given.token_id) if given else None
        is_right = hmac.compare_digest(given.hash if given else _WRONG_HASH, known.hash if known else _NO_HASH)
        if not (given and known and is_right) or (known.expires_at and known.expires_at <= datetime.now(UTC)):
            return None
        await self._record(given.token_id)
        return given, known

    async def may_show(self, origin: str) -> bool:
        """Whether any token lets pages of this origin read its answers: a browser asks before it sends the token."""
        await self._refresh()
        return any(origin in known.origins for known in self._known.values())

    async def _refresh(self) -> None:
        age = self._clock() - self._read_at
        if age >= FRESH_SECONDS:
            await self._read()
        elif age >= AHEAD_SECONDS and (self._ahead is None or self._ahead.done()):
            self._ahead = asyncio.create_task(self._read_ahead())

    async def _read_ahead(self) -> None:
        with suppress(Unreachable):
            await self._read()

    async def _read(self) -> None:
        async with self._reading:
            if self._clock() - self._read_at < AHEAD_SECONDS:
                return
            if self._clock() - self._failed_at < FRESH_SECONDS / 2:
                raise Unreachable  # Requests that wait for the lock do not each wait for the server.
            try:
                async with await self._connect() as connection:
                    rows = await (await connection.execute(_KNOWN)).fetchall()
            except Error as error:
                self._failed_at = self._clock()
                _log.warning("the tokens cannot be read: %s", error)
                raise Unreachable from None
            self._known = {
                token_id: Known(token_hash, frozenset(origins), expires_at, reads_contacts, page)
                for token_id, token_hash, origins, expires_at, reads_contacts, page in rows
            }
            self._read_at = self._clock()

    async def _record(self, token_id: str) -> None:
        now = self._clock()
        if now - self._recorded_at.get(token_id, -USE_SECONDS) < USE_SECONDS:
            return
        self._recorded_at[token_id] = now
        try:
            async with await self._connect() as connection:
                await connection.execute(_USED, [token_id])
        except Error as error:
            _log.warning("the use of a token cannot be recorded: %s", error)

    async def _connect(self) -> AsyncConnection:
        limit = f"statement_timeout={STATEMENT_SECONDS}s"
        return await connect_async(self.url(), limit, connect_timeout=CONNECT_SECONDS)
