"""The advisory locks, all in one place, so that no two are confused.

They end with their transaction or their connection, whatever happened to the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

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


def exclusive(connection: Connection, lock: int) -> None:
    """Wait for the lock and hold it until the transaction ends."""
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})


def shared(connection: Connection, lock: int) -> None:
    """Share the lock until the transaction ends. A process that waits for it exclusively goes first."""
    connection.execute(text("select pg_advisory_xact_lock_shared(:lock)"), {"lock": lock})


@contextmanager
def held(engine: Engine, lock: int) -> Iterator[None]:
    """Wait for the lock and hold it on a connection of its own. When a holder is killed, its lock is free."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": lock})
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": lock})
