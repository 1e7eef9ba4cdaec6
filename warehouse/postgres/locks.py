"""The advisory locks, all in one place, so that no two are confused.

They end with their transaction or their connection, whatever happened to the process. Readers cannot take them: see
`warehouse.access.server_rights`. Who waits for one, or for a lock on a relation, says for whom.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.postgres.statements import statement

MIGRATION = 7_001
"""One process changes the schema."""
PARTITION = 7_002
"""One process makes or drops partitions of raw.events."""
DEDUPLICATION = 7_003
"""One file at a time is deduplicated."""
CANDIDATE = 7_004
"""One process builds, checks or publishes the candidate in schema audit."""
MARTS = 7_005
"""One transaction changes rows of marts: publish or retention."""
RETENTION = 7_006
"""One process prunes."""
LOADS = 7_007
"""Loads share it; while an erasure deletes, none is under way."""
PRIVACY = 7_008
"""One process exports or erases a person."""
TODAY = 7_009
"""One process builds the open day, or erases. Neither a load nor a night takes it."""
REPLAY = 7_010
"""One process lands rejects again."""

QUIET_SECONDS: Final = 5.0
"""A wait that takes longer is reported."""
REPEATED_SECONDS: Final = 60.0
"""How often it is reported again."""

_log = logging.getLogger(__name__)


def exclusive(connection: Connection, lock: int) -> None:
    """Wait for the lock and hold it until the transaction ends."""
    _take(connection, lock, "advisory_xact_lock")


def shared(connection: Connection, lock: int) -> None:
    """Share the lock until the transaction ends. A process that waits for it exclusively goes first."""
    _take(connection, lock, "advisory_xact_lock_shared")


@contextmanager
def held(engine: Engine, lock: int) -> Iterator[None]:
    """Wait for the lock and hold it on a connection of its own. When a holder is killed, its lock is free."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _take(connection, lock, "advisory_lock")
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": lock})


@contextmanager
def held_at_once(engine: Engine, lock: int) -> Iterator[bool]:
    """Hold the lock on a connection of its own if it is free; give whether it is held. Does not wait."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_mine = bool(connection.scalar(text("select pg_try_advisory_lock(:lock)"), {"lock": lock}))
        try:
            yield is_mine
        finally:
            if is_mine:
                connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": lock})


def is_held(connection: Connection, lock: int) -> bool:
    """Whether a session of this database holds the lock or shares it. Takes nothing."""
    found = text(
        "select exists (select from pg_locks where locktype = 'advisory' and objid = :lock and granted"
        " and database = (select oid from pg_database where datname = current_database()))"
    )
    return bool(connection.scalar(found, {"lock": lock}))


@contextmanager
def waits_reported(connection: Connection) -> Iterator[None]:
    """Report while the block runs for whom this connection waits, as soon as it has waited for a few seconds."""
    pid: int = connection.execute(text("select pg_backend_pid()")).scalar_one()
    ended = threading.Event()
    watching = threading.Thread(target=_report_waits, args=(connection.engine, pid, ended), daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()


def on_one_line(query: str | None) -> str:
    """Return a query as it may be printed: a reader could write orders to a terminal into it."""
    return "".join(each if each.isprintable() else " " for each in query or "")


def _take(connection: Connection, lock: int, function: str) -> None:
    if connection.scalar(text(f"select pg_try_{function}(:lock)"), {"lock": lock}):
        return
    with waits_reported(connection):
        connection.execute(text(f"select pg_{function}(:lock)"), {"lock": lock})


def _report_waits(engine: Engine, pid: int, ended: threading.Event) -> None:
    """Report, until the end, whom that backend waits for: each once, and again after a while."""
    patience = QUIET_SECONDS
    while not ended.wait(patience):
        try:
            with engine.connect() as connection:
                holders = connection.execute(statement(__file__, "lock_holders"), {"pid": pid}).all()
        except SQLAlchemyError:
            holders = []  # The wait goes on all the same.
        for found in holders:
            _log.warning(
                "waiting since %s for %s: pid %s, role %s, %s since %s, %s",
                f"{found.waiting_since:%H:%M:%S}",
                found.locked,
                found.pid,
                found.role,
                found.state or "at work",
                f"{found.since:%Y-%m-%d %H:%M:%S} UTC" if found.since else "a time that this role may not see",
                f"last query: {on_one_line(found.query)}",
            )
        patience = REPEATED_SECONDS if holders else QUIET_SECONDS
