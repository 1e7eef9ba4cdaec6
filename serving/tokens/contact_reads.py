"""The trail of contacts: which token was given whose, in `ops.contact_reads`. It is written before the answer is given.

The role of a token can neither read nor write the trail: it is written as `footfall_serving`, which can only add to it.
"""

import asyncio
import logging
from collections.abc import Callable

from psycopg import Error
from sqlalchemy import URL

from warehouse.access.credential import Credential
from warehouse.postgres.connect import connect_async

MOST = 4
"""Connections at once."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 2

_READ = """
insert into ops.contact_reads (token_id, site_id, asked, user_id, row_count) values (%s, %s, %s, %s, %s)
"""

_log = logging.getLogger("serving")


class Unrecorded(Exception):
    """A read of contacts that cannot be recorded, and so must not be answered."""


class ContactReads:
    """The trail. `url` gives the address of the database for the role of the serving process, as it is now."""

    def __init__(self, url: Callable[[], URL]) -> None:
        self._url = url
        self._free = asyncio.Semaphore(MOST)

    async def record(self, token: Credential, site: str, asked: str, row_count: int, user: str | None = None) -> None:
        """Record that the token is about to be given contacts of the site. When this returns, it is on disk.

        `asked` is the route or relation without any id, such as `/customers/{user}`; `user` the user whom the request
        names.

        Raises:
            Unrecorded: the database does not take it.
        """
        limit = f"statement_timeout={STATEMENT_SECONDS}s"
        try:
            async with (
                self._free,
                await connect_async(self._url(), limit, connect_timeout=CONNECT_SECONDS) as connection,
            ):
                await connection.execute(_READ, [token.token_id, site, asked, user, row_count])
        except Error as error:
            # The message of the server may quote the row, and so name a person.
            _log.error("a read of contacts cannot be recorded: %s", error.sqlstate or type(error).__name__)
            raise Unrecorded from None
