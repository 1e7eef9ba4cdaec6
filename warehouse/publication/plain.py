"""Whether candidates are plain tables of the transformer's: reading one must run nothing that its owner wrote.

The function of a view, a policy or a type would run with the rights of who checks or publishes.
"""

from collections.abc import Sequence

from psycopg import sql
from sqlalchemy import Connection

from runtime.errors import FootfallError
from warehouse.postgres.catalog import run
from warehouse.postgres.roles import Role
from warehouse.postgres.statements import statement


class NotPlain(FootfallError):
    """A relation that is not read, because its owner could make its reader do more than read."""


def require_plain(connection: Connection, relations: Sequence[str]) -> None:
    """Require that each relation, `schema.name`, is a plain table of the transformer's or the reader's own.

    Until the transaction ends, none can become another one.

    Raises:
        NotPlain: one has a rule, trigger, policy, another kind or owner, or a column that is more than data.
    """
    _refuse_more(connection, relations)
    names = [sql.Identifier(*relation.split(".")) for relation in relations]
    run(connection, sql.SQL("lock table {} in access share mode").format(sql.SQL(", ").join(names)))
    _refuse_more(connection, relations)  # From here on they stay what they are.


def _refuse_more(connection: Connection, relations: Sequence[str]) -> None:
    known = {"relations": list(relations), "owner": Role.TRANSFORMER}
    if found := connection.execute(statement(__file__, "more_than_plain"), known).all():
        reasons = "; ".join(f"{row.relation} {row.why}" for row in found)
        raise NotPlain(f"{reasons}: a candidate is a plain table of {Role.TRANSFORMER}; build it again")
