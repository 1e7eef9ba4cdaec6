"""Row-level security of the marts and of schema today: an analyst of one site sees its rows, a token what it is given.

The views of schema live apply the same rule in their own SQL. Raw events have no row-level security, because
PostgreSQL refuses `copy` into a table that has it.
"""

from collections.abc import Collection, Iterable

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.postgres.catalog import run
from warehouse.postgres.roles import API_READER, SITE_ANALYST

_POLICIES = {
    "own_site": "create policy own_site on {relation} for select to {roles}"
    " using (site_id = (select ops.site_of(current_user)))",
    "token_sites": "create policy token_sites on {relation} for select to {roles}"
    " using (site_id = any((select ops.sites_of_token())::text[]))",
    "every_site": "create policy every_site on {relation} to {roles} using (true) with check (true)",
}


def isolate(connection: Connection, relation: str, readers: Collection[str]) -> None:
    """Let `readers` see the rows of every site, a site's analyst and a token those of their sites. May run twice.

    The relation is `schema.name`. Other roles see none. What a token of one user sees is left to `let_users_read`.
    """
    wanted = {
        "own_site": {SITE_ANALYST},
        "token_sites": {API_READER},
        "every_site": set(readers) - {SITE_ANALYST, API_READER},
    }
    table = connection.execute(
        text(
            "select relrowsecurity and relforcerowsecurity as is_forced, array(select polname::text from pg_policy"
            " where polrelid = c.oid) as policies from pg_class c where oid = to_regclass(:relation)"
        ),
        {"relation": relation},
    ).one()
    named = sql.Identifier(*relation.split("."))
    for name, roles in wanted.items():
        if _roles_of(connection, relation, name) == roles:
            continue
        parts = {"relation": named, "roles": sql.SQL(", ").join(map(sql.Identifier, sorted(roles)))}
        if name in table.policies:
            run(connection, sql.SQL(f"drop policy {name} on {{relation}}").format(**parts))
        run(connection, sql.SQL(_POLICIES[name]).format(**parts))
    if not table.is_forced:
        for how in ("enable", "force"):
            run(connection, sql.SQL(f"alter table {{}} {how} row level security").format(named))


def let_users_read(connection: Connection, relation: str, user: str | None, unless: str | None = None) -> None:
    """Let a token of one user see this user's rows, as the relation's owner or the administrator. May run twice.

    `user` is the column with the user; None: such a token sees no row of it. Where column `unless` has a value,
    `user` does not say whose the row is.
    """
    used = {"site_id", user, *([unless] if unless else [])} if user else set()
    found: Iterable[str] = connection.execute(text(_COLUMNS_OF_POLICY), {"relation": relation}).scalars()
    if set(found) == used:
        return
    name = sql.Identifier(*relation.split("."))
    run(connection, sql.SQL("drop policy if exists token_user on {}").format(name))
    if user:
        is_users = "site_id = (select ops.own_site_of_token()) and {user} = (select ops.own_user_of_token())"
        if unless:
            is_users += " and {unless} is null"
        policy = sql.SQL(f"create policy token_user on {{relation}} for select to {{role}} using ({is_users})")
        parts = {
            "user": sql.Identifier(user),
            "unless": sql.Identifier(unless or ""),
            "role": sql.Identifier(API_READER),
        }
        run(connection, policy.format(relation=name, **parts))


_COLUMNS_OF_POLICY = """
select attname::text
from pg_policy as p
inner join pg_depend as d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
inner join pg_attribute as a on d.refobjid = a.attrelid and d.refobjsubid = a.attnum
where p.polrelid = to_regclass(:relation) and p.polname = 'token_user' and d.refclassid = 'pg_class'::regclass
"""


def _roles_of(connection: Connection, relation: str, policy: str) -> set[str]:
    roles = connection.execute(
        text(
            "select pg_get_userbyid(role)::text from pg_policy cross join unnest(polroles) as role"
            " where polrelid = to_regclass(:relation) and polname = :policy"
        ),
        {"relation": relation, "policy": policy},
    )
    return set(roles.scalars())
