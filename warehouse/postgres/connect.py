"""The one way to connect to PostgreSQL: by a URL and what is fixed here, never by the caller's environment.

The parameters of a URL of one's own (`sslmode`, `options`, …) hold, in every connection and in every program. A server
that refuses connections for now, as while it recovers, is waited for.
"""

import logging
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import psycopg
from psycopg import pq
from sqlalchemy import URL, Engine, create_engine, event

from runtime.environment import LIBPQ, drop, without_foreign

CONNECT_SECONDS = 10
"""How long a connection may take to be made, unless the URL says otherwise. A stopped server would never answer."""
SESSION = ("timezone=UTC",)
"""Settings of every session."""
PATIENCE_SECONDS: Final = 20.0
"""How long a server without room for a connection is waited for."""
RECOVERY_SECONDS: Final = 300.0
"""How long a server that starts, recovers or ends is waited for."""

_RECOVERS = re.compile(
    r"the database system is (starting up|shutting down|in recovery mode|not yet accepting connections|not accepting)"
    # The connection was on its way when the server ended all of them.
    r"|server closed the connection unexpectedly|Connection reset by peer|terminating connection because of crash"
)
_HAS_NO_SLOT = re.compile(r"too many clients|too many connections|remaining connection slots")
_HAS_NO_ROOM = re.compile(
    rf"{_HAS_NO_SLOT.pattern}|out of shared memory|out of memory"
    r"|could not fork|No space left on device|Disk quota exceeded|could not write init file"
    r"|could not (create|extend|write to) file"
)
_DISK_IS_FULL = re.compile(r"No space left on device|Disk quota exceeded|could not write init file")

_log = logging.getLogger(__name__)
_Made = TypeVar("_Made")


def connect_args(url: URL, *session: str) -> dict[str, Any]:
    """Return the parameters that a connection has beside those in its URL, with further settings of its session."""
    options = [*url.normalized_query.get("options", ()), *(f"-c {setting}" for setting in (*SESSION, *session))]
    return {
        # Rows for COPY are written in UTF-8, so that in another encoding every name would be another name.
        "client_encoding": "utf8",
        "connect_timeout": url.query.get("connect_timeout", CONNECT_SECONDS),
        "options": " ".join(options),
    }


def make_engine(url: URL, **arguments: Any) -> Engine:
    """Return an engine that connects by this URL."""
    drop(LIBPQ)
    engine = create_engine(url, connect_args=connect_args(url), **arguments)

    @event.listens_for(engine, "do_connect")
    def connect_patiently(dialect: Any, record: Any, given: Any, parameters: Any) -> Any:
        return patiently(partial(dialect.connect, *given, **parameters))

    return engine


def patience_with(error: psycopg.OperationalError) -> float:
    """Return for how many seconds it is worth trying again after this refusal. 0: the server will not change its mind.

    Refusals of connections have no code, only a text.
    """
    return RECOVERY_SECONDS if _RECOVERS.search(str(error)) else PATIENCE_SECONDS if has_no_room(error) else 0


def has_no_room(error: psycopg.OperationalError) -> bool:
    """Whether the server lacks a free slot, memory or disk for the connection."""
    return bool(_HAS_NO_ROOM.search(str(error)))


def has_no_slot(error: BaseException | None) -> bool:
    """Whether all connections are taken that the role may have, or the server."""
    return bool(_HAS_NO_SLOT.search(str(error)))


def is_full_disk(error: BaseException | None) -> bool:
    """Whether the server reports that its disk is full."""
    return isinstance(error, psycopg.errors.DiskFull) or bool(_DISK_IS_FULL.search(str(error)))


def patiently(make: Callable[[], _Made]) -> _Made:
    """Make a connection; while the server refuses it for now, try again. Its last refusal is raised."""
    begun, reported = time.monotonic(), False
    while True:
        try:
            return make()
        except psycopg.OperationalError as error:
            if time.monotonic() - begun >= patience_with(error):
                raise
            if not reported:
                _log.warning("waiting for PostgreSQL: %s", str(error).strip())
            reported = True
        time.sleep(0.2)


def connect(url: URL, **parameters: Any) -> psycopg.Connection:
    """Return a single connection that commits each statement. `parameters` win over those of the URL."""
    drop(LIBPQ)
    return psycopg.connect(**_parameters(url) | parameters, autocommit=True)


async def connect_async(url: URL, *session: str, **parameters: Any) -> psycopg.AsyncConnection:
    """Return a single connection that does not block its event loop, with further settings of its session."""
    drop(LIBPQ)
    return await psycopg.AsyncConnection.connect(**_parameters(url, *session) | parameters, autocommit=True)


def libpq_environment(url: URL, *session: str) -> dict[str, str]:
    """Return the variables with which a program that uses libpq connects as `make_engine` does.

    Returns:
        Environment variable (`PGHOST`, …) → value. Parameters for which libpq has no variable are left out.
    """
    names = {option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    return {names[name]: str(value) for name, value in _parameters(url, *session).items() if name in names}


def child_environment(environment: dict[str, str], url: URL) -> dict[str, str]:
    """Return the whole environment of a program of PostgreSQL that connects by this URL."""
    return without_foreign(environment) | libpq_environment(url)


def _parameters(url: URL, *session: str) -> dict[str, Any]:
    """Return the parameters of the connection by libpq's names."""
    _, given = url.get_dialect()().create_connect_args(url)
    return {**given, **connect_args(url, *session)}
