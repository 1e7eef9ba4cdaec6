"""Row-level security of the marts: an analyst of one site sees its rows alone.

The views of schema live apply the same rule in their own SQL. Raw events have no row-level security, because
PostgreSQL refuses `copy` into a table that has it.
"""

from collections.abc import Collection

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.postgres.catalog import run
from warehouse.postgres.roles import SITE_ANALYST

_POLICIES = {
    "own_site": "create policy own_site on marts.{mart} for select to {roles}"
    " using (site_id = (select ops.site_of(current_user)))",
    "every_site": "create policy every_site on marts.{mart} to {roles} using (true) with check (true)",
}


def isolate(connection: Connection, mart: str, readers: Collection[str]) -> None:
    """Let `readers` see the rows of every site, a site's analyst those of its site, other roles none. May run twice."""
    wanted = {"own_site": {SITE_ANALYST}, "every_site": set(readers) - {SITE_ANALYST}}
    table = connection.execute(
        text(
            "select relrowsecurity and relforcerowsecurity as is_forced, array(select polname::text from pg_policy"
            " where polrelid = c.oid) as policies from pg_class c where oid = to_regclass(:mart)"
        ),
        {"mart": f"marts.{mart}"},
    ).one()
    for name, roles in wanted.items():
        if _roles_of(connection, mart, name) == roles:
            continue
        parts = {"mart": sql.Identifier(mart), "roles": sql.SQL(", ").join(map(sql.Identifier, sorted(roles)))}
        if name in table.policies:
            run(connection, sql.SQL(f"drop policy {name} on marts.{{mart}}").format(**parts))
        run(connection, sql.SQL(_POLICIES[name]).format(**parts))
    if not table.is_forced:
        for how in ("enable", "force"):
            run(connection, sql.SQL(f"alter table marts.{{}} {how} row level security").format(sql.Identifier(mart)))


def _roles_of(connection: Connection, mart: str, policy: str) -> set[str]:
    roles = connection.execute(
        text(
            "select pg_get_userbyid(role)::text from pg_policy cross join unnest(polroles) as role"
            " where polrelid = to_regclass(:mart) and polname = :policy"
        ),
        {"mart": f"marts.{mart}", "policy": policy},
    )
    return set(roles.scalars())
