"""All that the database holds of one site: counted, and deleted in one transaction.

Every table with a column `site_id` counts, marts of one's own too. Files are left to `footfall.privacy.remove_site`.
"""

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.postgres.catalog import run
from warehouse.postgres.locks import LOADS, MARTS, exclusive
from warehouse.privacy.erasure import clear_copies
from warehouse.publication.completeness import forget_events


def count_rows(connection: Connection, site: str) -> dict[str, int]:
    """Count the site's rows.

    Returns:
        Relation → number of rows, for those that have some.
    """
    counts: dict[str, int] = {}
    for relation in relations(connection):
        query = sql.SQL("select count(*) from {} where site_id = {}").format(_name(relation), sql.Literal(site))
        counts[relation] = run(connection, query).scalar_one()
    return {relation: count for relation, count in counts.items() if count}


def delete_rows(connection: Connection, site: str) -> dict[str, int]:
    """Delete the site's rows but for the site itself, and correct what counted them. The caller commits.

    Returns:
        Relation → number of rows deleted, for those that had some.
    """
    exclusive(connection, LOADS)
    exclusive(connection, MARTS)
    values = {"site": site}
    connection.exec_driver_sql(_TABLES)
    for statement in (_EVENTS, _REJECTS):
        connection.execute(text(statement), values)
    forget_events(connection, "site_events")
    connection.execute(text(_LEDGER))
    connection.execute(text(_SUBJECTS), values)
    connection.execute(text(_CANDIDATES), values)
    gone = {}
    for relation in relations(connection):
        statement = sql.SQL("delete from {} where site_id = {}").format(_name(relation), sql.Literal(site))
        if count := run(connection, statement).rowcount:
            gone[relation] = count
    connection.execute(text(_USER_AGENTS))
    clear_copies(connection)
    return gone


def delete_site(connection: Connection, site: str) -> None:
    """Delete the site itself, which lets its name be used again."""
    connection.execute(text("delete from ops.sites where site_id = :site"), {"site": site})


def relations(connection: Connection) -> list[str]:
    """Return the tables with rows of sites, `schema.name`, but for `ops.sites` and what the next build makes."""
    rows = connection.execute(
        text(
            "select nspname || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and attname = 'site_id' and not attisdropped"
            " where (nspname in ('raw', 'ops', 'marts', 'today') or relname = 'slice_days')"
            " and relkind in ('r', 'p') and not relispartition"
            " and nspname || '.' || relname <> 'ops.sites' order by 1"
        )
    )
    return list(rows.scalars())


def _name(relation: str) -> sql.Identifier:
    return sql.Identifier(*relation.split(".", 1))


_TABLES = """
create temporary table site_events (file_id bigint, line_number integer, user_agent_id uuid) on commit drop;
create temporary table site_rejects (file_id bigint) on commit drop
"""
_EVENTS = "insert into site_events select file_id, line_number, user_agent_id from raw.events where site_id = :site"
_REJECTS = "insert into site_rejects select file_id from raw.rejects where site_id = :site"
_LEDGER = """
update ops.landed_files f
set
    loaded_count = loaded_count - events,
    rejected_count = rejected_count - rejects,
    suppressed_count = suppressed_count + events + rejects
from (
    select file_id, sum(event)::bigint as events, sum(reject)::bigint as rejects
    from (
        select file_id, 1 as event, 0 as reject from site_events
        union all
        select file_id, 0, 1 from site_rejects
    ) lines
    group by file_id
) gone
where f.file_id = gone.file_id and f.state = 'loaded'
"""
_SUBJECTS = """
delete from raw.privacy_subjects
where request_id in (select request_id from ops.privacy_requests where site_id = :site)
"""
_CANDIDATES = "update ops.candidates set sites = array_remove(sites, :site) where :site = any(sites)"
_USER_AGENTS = """
delete from raw.user_agents u
where u.user_agent_id in (select user_agent_id from site_events)
    and not exists (select from raw.events e where e.user_agent_id = u.user_agent_id)
"""
