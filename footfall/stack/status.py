"""The state of the installation: what runs, what waits, what is published. Changes nothing and starts nothing."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from footfall.answers.next_step import next_step
from footfall.pipeline.installation import Installation
from footfall.stack.processes import KEEPER, collector_url, dagster_url, processes, serving_url, should_run
from ingestion.landing.folders import segments_in
from ingestion.landing.reader import sealed_segments
from ingestion.landing.segment import OPEN_SUFFIX
from ingestion.landing.writer import open_folder
from runtime.settings import Settings
from warehouse.access.zones import LeftOut, left_out
from warehouse.postgres.database import database, embedded_server
from warehouse.postgres.roles import Role
from warehouse.postgres.server import ServerError
from warehouse.postgres.statements import statement
from warehouse.publication.held_days import HeldDay, list_held
from warehouse.tables.version import VersionError, require_newest, version

Row = tuple[Any, ...]


def connection_string(settings: Settings, role: str = Role.ANALYST) -> str:
    """Return the connection string of a BI tool that reads the marts. The password stays in its file."""
    where = database(settings).administrator
    return f"postgresql://{role}@{where.host}:{where.port or 5432}/{where.database}"


def password_file(settings: Settings) -> Path:
    """Return the file with the analyst's password, which is never printed."""
    return settings.home / "secrets" / "analyst.password"


def running(settings: Settings) -> list[Row]:
    """List the processes.

    Returns:
        A row for each: name, address, state.
    """
    server = embedded_server(settings)
    pid = server and server.pid
    postgres = "your own" if server is None else f"running, pid {pid}" if pid else "stopped"
    where = {
        "collector": collector_url(settings),
        "serving": serving_url(settings),
        "follower": "loads acknowledged events as they come",
        "alarms": "looks every minute",
        "dagster-webserver": dagster_url(settings),
        "dagster-daemon": "schedules and sensors",
        KEEPER: "starts again what died",
    }
    rows: list[Row] = [("postgres", connection_string(settings), postgres)]
    for name, process in processes(settings).items():
        off = "off, the others are kept by another program" if name == KEEPER else "off, by setting follow"
        idle = "stopped" if should_run(name, settings) else off
        rows.append((name, where[name], f"running, pid {process.pid}" if process.pid else idle))
    return rows


def silence(installation: Installation) -> str | None:
    """Return why the database does not answer, and what to do; None when it answers."""
    server = embedded_server(installation.settings)
    try:
        if server:
            server.require_answer()
        with installation.engine.connect() as connection:
            require_newest(version(connection))
        installation.engine_of(Role.ANALYST).connect().close()
    except (ServerError, VersionError) as error:
        return str(error)
    except OperationalError as error:
        return f"The database does not answer: {error.orig}"
    return None


def sites_left_out(installation: Installation) -> list[LeftOut]:
    """List the sites that no night builds."""
    with installation.engine.connect() as connection:
        return left_out(connection)


def days_held_back(installation: Installation) -> list[HeldDay]:
    """List the days of sites that failed their checks and wait."""
    with installation.engine_of(Role.ANALYST).connect() as connection:
        return list_held(connection)


SITE = ("site", "last_event_at", "events_in_hour", "rejected_in_hour", "first_day", "last_day", "waiting", "held")
"""What `sites` says of each."""


def sites(installation: Installation) -> list[Row]:
    """List the sites: what came in the last hour, which days are published, and how many wait or are held back.

    Returns:
        A row for each, as `SITE` names them.
    """
    with installation.engine_of(Role.ANALYST).connect() as connection:
        days: dict[str, Row] = {}
        if connection.scalar(text("select to_regclass('marts.daily_stats')")) is not None:
            days = {row.site_id: (row.first_day, row.last_day) for row in connection.execute(text(_DAYS))}
        found = connection.execute(statement(__file__, "sites")).all()
    return [
        (
            *(row.site_id, row.last_event_at, row.event_count, row.rejected_count),
            *(*days.get(row.site_id, (None, None)), row.waiting, row.held),
        )
        for row in found
    ]


def next_step_of(installation: Installation) -> str | None:
    """Return what to do next while nothing is published."""
    with installation.engine_of(Role.ANALYST).connect() as connection:
        return next_step(connection)


_DAYS = "select site_id, min(event_date) as first_day, max(event_date) as last_day from marts.daily_stats group by 1"


def data(installation: Installation) -> list[Row]:
    """List what is landed, loaded, dirty and published.

    Returns:
        A row for each kind of data: what, how much, the newest.
    """
    landing = installation.settings.landing
    with installation.engine_of(Role.ANALYST).connect() as connection:
        rows = {row.what: row for row in connection.execute(statement(__file__, "figures"))}
    open_segments = segments_in(open_folder(landing), OPEN_SUFFIX)
    waiting = [
        ("landing, open segments", len(open_segments), None),
        ("landing, sealed and waiting", len(sealed_segments(landing)), None),
    ]
    return waiting + [(what, rows[what].amount, rows[what].newest) for what in rows]


def document(installation: Installation) -> dict[str, Any]:
    """Return all of it for programs.

    Returns:
        `processes` (name, address, state); `problem`, why the database does not answer, else null; and if it answers,
        `data` (what, amount, newest), `sites` (as `SITE`), `warnings` (texts) and `next`, what to do while nothing is
        published; else these are empty.
    """
    problem = silence(installation)
    warnings = [] if problem else [*sites_left_out(installation), *days_held_back(installation)]
    return {
        "processes": _named(("name", "address", "state"), running(installation.settings)),
        "problem": problem,
        "data": [] if problem else _named(("what", "amount", "newest"), data(installation)),
        "sites": [] if problem else _named(SITE, sites(installation)),
        "warnings": list(map(str, warnings)),
        "next": None if problem else next_step_of(installation),
    }


def _named(names: tuple[str, ...], rows: list[Row]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
