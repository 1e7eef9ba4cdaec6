"""Hand relations to their owners and grant what `warehouse/access/rights.py` says: no more and no less.

Runs after each migration, and for each new mart or view. Grants that already fit are not touched, so that no reader
waits. Relations without a line in the table stay as they are, and so do grants to roles that are not Footfall's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql
from sqlalchemy import Connection, Row

from warehouse.access.rights import Rights, made_anew, rights_of, schemas
from warehouse.access.row_security import isolate
from warehouse.access.server_rights import reconcile_server_rights
from warehouse.postgres.catalog import run
from warehouse.postgres.roles import Role
from warehouse.postgres.statements import statement

PUBLIC = "public"
READ_BY_SITE = ("marts.*", "today.*")
"""Lines of tables with row-level security."""


def grant_all(connection: Connection) -> None:
    """Grant everything, as the administrator. May run twice."""
    reconcile_server_rights(connection)
    for found in connection.execute(statement(__file__, "schemas"), {"names": [line.name for line in schemas()]}):
        _reconcile(connection, _Thing("schema", sql.Identifier(found.name), found), rights_of(found.name))
    for line in made_anew(Role.TRANSFORMER):
        _grant_in_advance(connection, line)
    for found in _relations(connection, [line.name for line in schemas()]):
        _reconcile_relation(connection, found)


def grant(connection: Connection, relation: str) -> None:
    """Grant what is due on one relation, `schema.name`, as its owner or the administrator. May run twice."""
    schema, _, name = relation.partition(".")
    for found in _relations(connection, [schema], name):
        _reconcile_relation(connection, found)


def _relations(connection: Connection, schemas: list[str], only: str | None = None) -> Iterable[Row]:
    return connection.execute(statement(__file__, "relations"), {"names": schemas, "only": only})


@dataclass(frozen=True)
class _Thing:
    """A schema, table, view or sequence as it is."""

    kind: str
    name: sql.Identifier
    found: Row

    @property
    def granted(self) -> set[tuple[str, str]]:
        return {(role, privilege) for role, privilege in self.found.granted}


def _reconcile_relation(connection: Connection, found: Row) -> None:
    name = f"{found.schema}.{found.name}"
    rights = rights_of(name)
    if rights and rights.name in READ_BY_SITE and (found.kind != "r" or not found.is_of_sites):
        return  # A user's own table, in our schema.
    kind = "sequence" if found.kind == "S" else "table"
    _reconcile(connection, _Thing(kind, sql.Identifier(found.schema, found.name), found), rights)
    if rights and rights.name in READ_BY_SITE:
        isolate(connection, name, [rights.owner, *(role for role, given in rights.granted.items() if given)])


def _reconcile(connection: Connection, thing: _Thing, rights: Rights | None) -> None:
    if not rights:
        return
    # The sequence of a column goes where its table goes.
    if thing.found.owner != rights.owner and thing.kind != "sequence":
        _run(connection, "alter {} {} owner to {}", thing, rights.owner)
    wanted = {(role, privilege) for role, given in rights.granted.items() for privilege in given}
    for role, privilege in sorted(wanted - thing.granted):
        _run(connection, f"grant {privilege} on {{}} {{}} to {{}}", thing, role)
    ours = {*rights.granted, PUBLIC}
    for role, privilege in sorted(thing.granted - wanted):
        if role in ours:
            _run(connection, f"revoke {privilege} on {{}} {{}} from {{}}", thing, role)


def _grant_in_advance(connection: Connection, line: Rights) -> None:
    """Set default privileges: relations that the owner makes from now on get their grants at once."""
    schema = line.name.partition(".")[0]
    for role, given in line.granted.items():
        if given:
            privileges = ", ".join(sorted(given))
            statement = f"alter default privileges for role {{}} in schema {{}} grant {privileges} on tables to {{}}"
            run(connection, sql.SQL(statement).format(*map(sql.Identifier, (line.owner, schema, role))))


def _run(connection: Connection, statement: str, thing: _Thing, role: str) -> None:
    grantee = sql.SQL(role) if role == PUBLIC else sql.Identifier(role)
    run(connection, sql.SQL(statement).format(sql.SQL(thing.kind), thing.name, grantee))
