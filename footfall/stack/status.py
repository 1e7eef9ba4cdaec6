"""How the installation is: what runs, what waits, what is published. Changes nothing and starts nothing."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from footfall.pipeline.installation import Installation
from footfall.stack.processes import collector_url, dagster_url, processes
from ingestion.landing.reader import sealed_segments
from ingestion.landing.writer import open_folder
from runtime.settings import Settings
from warehouse.postgres.database import database, embedded_server
from warehouse.postgres.roles import Role

Row = tuple[Any, ...]


def connection_string(settings: Settings, role: str = Role.ANALYST) -> str:
    """What a BI tool needs to read the marts; the analyst's password stays in its file."""
    where = database(settings).administrator
    return f"postgresql://{role}@{where.host}:{where.port or 5432}/{where.database}"


def password_file(settings: Settings) -> Path:
    """Where the analyst's password is; it is printed nowhere."""
    return settings.home / "secrets" / "analyst.password"


def running(settings: Settings) -> list[Row]:
    """Each process: name, where, state."""
    server = embedded_server(settings)
    postgres = "your own" if server is None else "running" if server.is_running() else "stopped"
    where = {
        "collector": collector_url(settings),
        "dagster-webserver": dagster_url(settings),
        "dagster-daemon": "schedules and sensors",
    }
    rows: list[Row] = [("postgres", connection_string(settings), postgres)]
    for name, process in processes(settings).items():
        rows.append((name, where[name], f"running, pid {process.pid}" if process.pid else "stopped"))
    return rows


def database_answers(installation: Installation) -> bool:
    """Whether the database can be asked."""
    try:
        installation.engine_of(Role.ANALYST).connect().close()
    except OperationalError:
        return False
    return True


def data(installation: Installation) -> list[Row]:
    """What is landed, loaded, dirty and published: what, how much, newest."""
    landing = installation.settings.landing
    with installation.engine_of(Role.ANALYST).connect() as connection:
        rows = {row.what: row for row in connection.execute(text(_DATA))}
    open_segments = list(open_folder(landing).glob("[!.]*.ndjson"))
    waiting = [
        ("landing, open segments", len(open_segments), None),
        ("landing, sealed and waiting", len(sealed_segments(landing)), None),
    ]
    return waiting + [(what, rows[what].amount, rows[what].newest) for what in rows]


_DATA = """
select 'loaded events' as what, coalesce(sum(loaded_count), 0)::bigint as amount,
    to_char(max(last_received_at), 'YYYY-MM-DD HH24:MI:SS "UTC"') as newest
from ops.landed_files where state = 'loaded'
union all
select 'duplicates left out', coalesce(sum(duplicate_count), 0)::bigint, null from ops.landed_files
union all
select 'rejected events', count(*), to_char(max(rejected_at), 'YYYY-MM-DD HH24:MI:SS "UTC"') from ops.rejects
union all
select 'refused files', count(*), max(file_name) from ops.landed_files where state = 'refused'
union all
select 'dirty days', count(distinct event_date), max(event_date)::text from ops.dirty_days
union all
select 'published days', count(distinct event_date), max(event_date)::text from ops.publication_marts
union all
select 'publications', count(*), to_char(max(published_at), 'YYYY-MM-DD HH24:MI:SS "UTC"') from ops.publications
union all
select 'last audit: failed checks', coalesce(max(failed_count), 0),
    to_char(max(audited_at), 'YYYY-MM-DD HH24:MI:SS "UTC"')
from (select failed_count, audited_at from ops.audits order by audit_id desc limit 1) as newest_audit
"""
