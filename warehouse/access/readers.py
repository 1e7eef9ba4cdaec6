"""Sessions of readers: which are beyond a limit, ending these, and putting back what readers changed of their roles.

Time limits of readers are settings, which a session may lift. What is here they cannot lift. The settings are in
`warehouse.postgres.roles`.
"""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.access.limits import TokenLimits
from warehouse.postgres.locks import on_one_line
from warehouse.postgres.roles import (
    API_ROLE_PREFIX,
    IDLE_MINUTES,
    READER_CONNECTIONS,
    SITE_READER_CONNECTIONS,
    SITE_ROLE_PREFIX,
    STATEMENT_MINUTES,
    TRANSACTION_MINUTES,
    Role,
    change,
    establish,
    limit_reader,
)
from warehouse.postgres.statements import statement

BLOCKING_SECONDS = 10
"""How long a step may wait for a reader."""
WATCH_SECONDS = 10
"""How often a command looks for sessions beyond a limit."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """One connection of a reader."""

    pid: int
    role: str
    state: str
    since: datetime | None
    """Since when its transaction is open; None: it has none."""
    query: str
    """Its last query, its beginning."""
    beyond: str | None
    """Which limit it is beyond; None: none."""

    def __str__(self) -> str:
        since = f", transaction since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"pid {self.pid}, role {self.role}, {self.state}{since}, {self.beyond}; last query: {self.query}"


def sessions(connection: Connection) -> list[Session]:
    """Return the sessions of readers in this database, oldest transaction first."""
    limits = {
        "statement_minutes": STATEMENT_MINUTES,
        "idle_minutes": IDLE_MINUTES,
        "transaction_minutes": TRANSACTION_MINUTES,
        "blocking_seconds": BLOCKING_SECONDS,
        "readers": _readers(connection),
    }
    found = connection.execute(statement(__file__, "reader_sessions"), limits)
    return [Session(row.pid, row.role, row.state, row.since, on_one_line(row.query), row.beyond) for row in found]


def full(connection: Connection) -> list[str]:
    """Return the analysts that have all their connections open, each in words: the server refuses them one more."""
    rows = connection.execute(
        text(
            "select r.rolname::text as role, r.rolconnlimit as most from pg_roles r"
            " join pg_stat_activity a on a.usesysid = r.oid"
            " where r.rolname = any(:readers) and not r.rolname::text ^@ :token and r.rolconnlimit > 0"
            " group by 1, 2 having count(*) >= r.rolconnlimit order by 1"
        ),
        {"readers": _readers(connection), "token": API_ROLE_PREFIX},
    )
    return [f"{row.role} has all its {row.most} connections open" for row in rows]


def end_beyond(connection: Connection) -> list[Session]:
    """End the sessions that are beyond a limit, as the administrator, and return them."""
    beyond = [session for session in sessions(connection) if session.beyond]
    return [session for session in beyond if end(connection, session.pid)]


def end(connection: Connection, pid: int) -> bool:
    """End a reader's session. Return False if there is none with this id: no other session can be ended here."""
    return bool(
        connection.scalar(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid = :pid and datname = current_database() and usename = any(:readers)"
            ),
            {"pid": pid, "readers": _readers(connection)},
        )
    )


@dataclass(frozen=True)
class Enforced:
    """What was done to keep readers within their limits."""

    ended: Sequence[Session]
    put_back: Sequence[str]
    """Roles that had other settings."""
    large_objects: int
    """How many were deleted."""

    def __str__(self) -> str:
        lines = [f"ended {session}" for session in self.ended]
        lines += [f"put back the settings of {role}" for role in self.put_back]
        lines += [f"deleted {self.large_objects} large objects"] if self.large_objects else []
        return "\n".join(lines) or "every reader is within its limits"


def enforce(engine: Engine, analyst: URL) -> Enforced:
    """End sessions beyond a limit, put back what readers changed of their roles, and delete large objects of readers.

    The analyst's password is put back, too. The engine is the administrator's, `analyst` is how the analyst connects.
    May run twice and at once.
    """
    with engine.begin() as connection:
        ended = end_beyond(connection)
        # Of a version before this one; now readers can make none.
        owned: Iterable[int] = connection.execute(
            text("select oid from pg_largeobject_metadata where pg_get_userbyid(lomowner) = any(:readers)"),
            {"readers": _readers(connection)},
        ).scalars()
        left = list(owned)
        for oid in left:
            connection.execute(text("select lo_unlink(:oid)"), {"oid": oid})
    changed = put_back(engine)
    establish(engine, {Role.ANALYST: analyst})
    return Enforced(ended, changed, len(left))


@contextmanager
def readers_watched(engine: Engine) -> Iterator[None]:
    """End readers' sessions that are beyond a limit while the block runs, as the administrator, and log which."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            # A server that does not answer now is the work's own concern.
            with suppress(SQLAlchemyError), engine.begin() as connection:
                for session in end_beyond(connection):
                    _log.warning("ended a reader's session: %s", session)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join(WATCH_SECONDS)


def put_back(engine: Engine) -> list[str]:
    """Put back the settings of readers' roles, as the administrator, and return the roles that had others."""
    with engine.connect() as connection:
        of_sites: Iterable[str] = connection.execute(
            text("select role_name::text from ops.site_analysts order by 1")
        ).scalars()
        limits = {str(Role.ANALYST): READER_CONNECTIONS} | dict.fromkeys(of_sites, SITE_READER_CONNECTIONS)
        of_tokens = connection.execute(
            text(
                "select r.rolname::text, t.most_at_once from ops.tokens t"
                " join pg_roles r on r.rolname = :prefix || t.token_id"
            ),
            {"prefix": API_ROLE_PREFIX},
        )
        limits |= {row.rolname: TokenLimits(at_once=row.most_at_once).connections for row in of_tokens}
    return [
        role
        for role, connections in limits.items()
        if change(engine, lambda connection, role=role, most=connections: limit_reader(connection, role, most))  # type: ignore[misc]
    ]


def _readers(connection: Connection) -> Sequence[str]:
    """Return the roles that read, also those whose rights were revoked: their sessions may be open."""
    rows = connection.execute(
        text(
            "select rolname::text from pg_roles"
            " where rolname = :analyst or rolname::text ^@ any(cast(:prefixes as text[])) order by 1"
        ),
        {"analyst": Role.ANALYST, "prefixes": [SITE_ROLE_PREFIX, API_ROLE_PREFIX]},
    )
    return list(rows.scalars())
