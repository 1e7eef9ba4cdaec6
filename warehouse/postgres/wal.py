"""Make the write-ahead log forget: what was written before is in none of its files afterwards.

PostgreSQL deletes no file of the log, it gives it a new name and writes over it some time later. So for a moment the
files are deleted instead, and those that wait under new names are written over.
"""

import time

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

TRIES = 5
_RELOAD_SECONDS = 1.0
"""How long the checkpointer may take to read its settings again."""


def forget_log(engine: Engine) -> str | None:
    """Write a checkpoint, and let no file of the log be older, as the administrator. May run twice.

    Returns:
        Why that is not possible; None: it is done.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql("alter system set wal_recycle = off")
            try:
                _reload(connection)
                kept = _write_over(connection)
            finally:
                connection.exec_driver_sql("alter system reset wal_recycle")
                _reload(connection)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return str(error.orig).splitlines()[0]  # No right to do so, or no server on which that is possible.
    return f"the server keeps {kept} files (archive_command, wal_keep_size, a replication slot)" if kept else None


def _write_over(connection: Connection) -> int:
    """Use up all files that are there, and return how many of them are left."""
    newest: str = connection.execute(text(f"select max(name) from {_FILES}")).scalar_one()
    left = 0
    for _ in range(TRIES):
        is_used_up = text("select pg_walfile_name(pg_current_wal_lsn()) > :newest")
        while not connection.execute(is_used_up, {"newest": newest}).scalar_one():
            # A file in which nothing is written is not left.
            connection.exec_driver_sql("select pg_current_xact_id()")
            connection.exec_driver_sql("select pg_switch_wal()")
        connection.exec_driver_sql("checkpoint")
        left = connection.execute(
            text(f"select count(*) from {_FILES} where name <= :newest"), {"newest": newest}
        ).scalar_one()
        # A file ahead is made anew. Several are old ones: the checkpointer had not read its settings yet.
        ahead = connection.execute(
            text(f"select count(*), max(name) from {_FILES} where name > pg_walfile_name(pg_current_wal_lsn())")
        ).one()
        if not left and ahead.count <= 1:
            return 0
        newest = max(newest, ahead.max or newest)
        time.sleep(_RELOAD_SECONDS)
    return left or 1


def _reload(connection: Connection) -> None:
    connection.exec_driver_sql("select pg_reload_conf()")
    time.sleep(_RELOAD_SECONDS)


_FILES = "(select name from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$') files"
