"""The catalogue against the table of rights: every relation of ours, every role, every privilege."""

from sqlalchemy import Connection, text

from warehouse.access import rights
from warehouse.access.rights import rights_of
from warehouse.postgres.roles import SITE_ANALYST

SCHEMAS = [line.name for line in rights.schemas()]
PRIVILEGES = {
    "r": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "S": ("USAGE", "SELECT", "UPDATE"),
    "n": ("USAGE", "CREATE"),
}
_ASK = {"r": "has_table_privilege", "S": "has_sequence_privilege", "n": "has_schema_privilege"}

_FOUND = """
select nspname || '.' || relname as name, pg_get_userbyid(relowner) as owner, c.oid,
    case relkind when 'S' then 'S' else 'r' end as kind
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = any(:schemas) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
union all
select nspname, pg_get_userbyid(nspowner), oid, 'n' from pg_namespace where nspname = any(:schemas)
"""

_UNPROTECTED = """
select relnamespace::regnamespace || '.' || relname from pg_class c
where relnamespace in ('marts'::regnamespace, 'today'::regnamespace) and relkind in ('r', 'p', 'm', 'f')
    and not (
        relrowsecurity and relforcerowsecurity
        and array(select polname::text from pg_policy where polrelid = c.oid order by 1) in ('{every_site,own_site,token_sites}', '{every_site,own_site,token_sites,token_user}')
        and (
            select polroles = array['footfall_site_analyst'::regrole::oid]
                and pg_get_expr(polqual, polrelid) like '(site_id = ( SELECT ops.site_of(CURRENT_USER)%'
            from pg_policy where polrelid = c.oid and polname = 'own_site'
        )
        and (
            select polroles = array['footfall_token'::regrole::oid]
                and pg_get_expr(polqual, polrelid) like '(site_id = ANY (%( SELECT ops.sites_of_token()%'
            from pg_policy where polrelid = c.oid and polname = 'token_sites'
        )
        and not exists (
            select from pg_policy where polrelid = c.oid and polname = 'token_user' and not (
                polroles = array['footfall_token'::regrole::oid]
                and pg_get_expr(polqual, polrelid) like '((site_id = ( SELECT ops.own_site_of_token()%) AND (%'
                and pg_get_expr(polqual, polrelid) like '% = ( SELECT ops.own_user_of_token()%'
                and pg_get_expr(polqual, polrelid) not like '% OR %'
            )
        )
        and (
            select not (
                polroles && array['footfall_site_analyst'::regrole::oid, 'footfall_token'::regrole::oid, 0::oid]
            )
            from pg_policy where polrelid = c.oid and polname = 'every_site'
        )
    )
union all
select n.nspname || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace
where relkind = 'v' and (
    nspname in ('marts', 'with_today') and not coalesce('security_invoker=true' = any(reloptions), false)
    or nspname = 'live' and relname <> 'calendar' and not coalesce('security_barrier=true' = any(reloptions), false)
)
"""


def deviations(connection: Connection, *site_roles: str) -> list[str]:
    """Rights that a role has and should not, or lacks; relations that are undecided, or that hide no site's rows."""
    found = connection.execute(text(_FOUND), {"schemas": SCHEMAS}).all()
    reported = [f"{name}: rows of all sites are seen" for name in connection.execute(text(_UNPROTECTED)).scalars()]
    for thing in found:
        line = rights_of(thing.name)
        if not line:
            reported.append(f"{thing.name}: undecided who may use it")
            continue
        # The sequence of a column belongs to whom its table belongs.
        if thing.owner != line.owner and thing.kind != "S":
            reported.append(f"{thing.name}: belongs to {thing.owner}, not to {line.owner}")
        for role in (*rights.roles(), *site_roles):
            granted = line.granted.get(SITE_ANALYST if role in site_roles else role, frozenset())
            for privilege in PRIVILEGES[thing.kind]:
                wanted = privilege in granted or role == thing.owner
                query = text(f"select {_ASK[thing.kind]}(cast(:role as name), cast(:oid as oid), :privilege)")
                known = {"role": role, "oid": thing.oid, "privilege": privilege}
                if connection.scalar(query, known) != wanted:
                    reported.append(f"{thing.name}: {role} {'may not' if wanted else 'may'} {privilege}")
    return reported
