"""What readers may not do to the server itself, and what Footfall's own roles may: functions, temporary tables, slots.

Any role may take advisory locks, keep large objects and make temporary tables unless that is revoked. With these a
reader could hold up a night, or fill the lock table or the disk. Only a superuser can revoke them. Where the
administrator is none, `lacking` names what a superuser should do: see docs/security.md.
"""

from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from warehouse.postgres.catalog import run
from warehouse.postgres.roles import Role
from warehouse.postgres.statements import statement

WORKERS = tuple(role for role in Role if role not in (Role.ANALYST, Role.SERVING))
"""The roles of the steps: all but readers, and what answers them."""
MEMBERSHIPS = ("pg_use_reserved_connections", "pg_read_all_stats")
"""Groups of PostgreSQL: a slot when readers have taken all others, and who holds what a step waits for."""


def reconcile_server_rights(connection: Connection) -> None:
    """Take what holds up others from all roles but the workers, as far as the administrator may. May run twice."""
    workers = sql.SQL(", ").join(map(sql.Identifier, WORKERS))
    for found in _functions(connection):
        name = sql.SQL(found.signature)
        if found.is_open and found.may_change:
            run(connection, sql.SQL("revoke execute on function {} from public").format(name))
        if found.is_lock and found.may_change and not set(WORKERS) <= set(found.granted):
            run(connection, sql.SQL("grant execute on function {} to {}").format(name, workers))
    database = connection.execute(statement(__file__, "temporary_tables")).one()
    name = sql.Identifier(database.name)
    if database.may_change and not set(WORKERS) <= set(database.granted):
        run(connection, sql.SQL("grant temporary on database {} to {}").format(name, workers))
    if database.may_change and database.is_open:
        run(connection, sql.SQL("revoke temporary on database {} from public").format(name))
    for group, role in _missing_memberships(connection):
        _join(connection, group, role)


def lacking(connection: Connection) -> list[str]:
    """Return what still holds: what readers may do that they should not, and what the workers lack."""
    functions = sorted({found.signature.partition("(")[0] for found in _functions(connection) if found.is_open})
    found = [f"any role may call {', '.join(functions)}"] if functions else []
    missing = _missing_memberships(connection, any_administrator=True)
    return found + [f"{role} is not in {group}" for group, role in missing]


def _functions(connection: Connection) -> list:
    return list(connection.execute(statement(__file__, "open_functions")))


def _missing_memberships(connection: Connection, any_administrator: bool = False) -> list[tuple[str, str]]:
    """Return pairs of group and role that are missing; by default only those that the administrator may make."""
    rows = connection.execute(
        text(
            "select grouped, worker from unnest(cast(:groups as text[])) as grouped"
            " cross join unnest(cast(:workers as text[])) as worker"
            " where not pg_has_role(worker, grouped, 'usage')"
            " and (:all or pg_has_role(grouped, 'usage with admin option')) order by 1, 2"
        ),
        {"groups": list(MEMBERSHIPS), "workers": list(WORKERS), "all": any_administrator},
    )
    return [(row.grouped, row.worker) for row in rows]


def _join(connection: Connection, group: str, role: str) -> None:
    """Grant the group to the role. Roles belong to the server: another database of it may be doing so, too."""
    try:
        with connection.begin_nested():
            run(connection, sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(role)))
    except DBAPIError:
        if not connection.scalar(text("select pg_has_role(:role, :group, 'usage')"), {"role": role, "group": group}):
            raise
