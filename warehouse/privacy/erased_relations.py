"""The tables from which people were erased: which they are, and writing their files anew.

A deleted row is out of reach at once, but its bytes stay in the files of the table and of its indexes until `vacuum
full` writes both anew; values of it stay in the file of the planner's statistics. The write-ahead log is left to
`warehouse.postgres.wal`, and when it is time to `footfall.privacy.purge`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from warehouse.postgres.catalog import run
from warehouse.postgres.statements import statement

STATISTICS = "pg_catalog.pg_statistic"
PATIENCE_SECONDS = 1
"""How long a rewrite waits for readers of the table, and new readers behind it."""


@dataclass(frozen=True)
class ErasedRelation:
    """A table whose files may hold bytes of erased people."""

    name: str
    erased_at: datetime


def record_erased(connection: Connection, relations: Iterable[str]) -> None:
    """Record that this transaction erases people from these tables. A partitioned table stands for its partitions."""
    connection.execute(statement(__file__, "record_erased"), {"relations": sorted(set(relations))})


def erased_relations(connection: Connection) -> list[ErasedRelation]:
    """Return the tables that are not written anew yet; the statistics last, because each rewrite adds to them."""
    rows = connection.execute(
        text("select relation, erased_at from ops.erased_relations order by relation = :last, relation"),
        {"last": STATISTICS},
    )
    return [ErasedRelation(row.relation, row.erased_at) for row in rows]


def rewrite(engine: Engine, relation: str) -> str | None:
    """Write the table and its indexes anew, and analyse it, as the administrator. Readers wait meanwhile.

    Returns:
        Why that is not possible now; None: it is done, or there is no such table any more.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if (before := _file(connection, relation)) is None:
            return None
        if not connection.scalar(text("select pg_has_role('pg_read_all_stats', 'usage')")):
            return (
                "the administrator may not see whether older transactions still need its deleted rows: grant pg_monitor"
            )
        if holders := _older_snapshots(connection, relation):
            return f"older transactions may still read its deleted rows: {holders}"
        name = sql.Identifier(*relation.split(".", 1))
        connection.exec_driver_sql(f"set lock_timeout = '{PATIENCE_SECONDS}s'")
        try:
            run(connection, sql.SQL("vacuum (full, analyze) {}").format(name))
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            return f"in use by {_lock_holders(connection, relation) or 'a transaction that has ended'}"
        finally:
            connection.exec_driver_sql("reset lock_timeout")
        # Who may not vacuum a table gets a warning and no error.
        return None if _file(connection, relation) != before else "the administrator may not vacuum it"


def forget(connection: Connection, relation: ErasedRelation) -> None:
    """Record that the table is written anew, unless people were erased from it meanwhile."""
    connection.execute(
        text("delete from ops.erased_relations where relation = :name and erased_at = :at"),
        {"name": relation.name, "at": relation.erased_at},
    )


def _file(connection: Connection, relation: str) -> int | None:
    return connection.scalar(text("select pg_relation_filenode(to_regclass(:name))"), {"name": relation})


def _older_snapshots(connection: Connection, relation: str) -> str:
    return _listed(connection.execute(statement(__file__, "older_snapshots"), {"relation": relation}).scalars())


def _lock_holders(connection: Connection, relation: str) -> str:
    return _listed(connection.execute(statement(__file__, "lock_holders"), {"relation": relation}).scalars())


def _listed(holders: Iterable[str]) -> str:
    found: Sequence[str] = list(holders)
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
