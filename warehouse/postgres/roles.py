"""The roles of the server: one for each kind of work, each with a password of its own that is logged nowhere.

Migrations make them. This module sets their passwords, and the limits of readers. Their rights are in
`warehouse/access/rights.py`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial

from psycopg import sql
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.pool import NullPool

from warehouse.postgres.catalog import run
from warehouse.postgres.connect import make_engine


class Role(StrEnum):
    """The roles that connect, by their names on the server."""

    LOADER = "footfall_loader"
    TRANSFORMER = "footfall_transformer"
    CHECKER = "footfall_checker"
    PUBLISHER = "footfall_publisher"
    RETENTION = "footfall_retention"
    ERASER = "footfall_eraser"
    ANALYST = "footfall_analyst"


SITE_ANALYST = "footfall_site_analyst"
"""Group role of the analysts of single sites. No one connects as it, nor as `footfall_owner`."""

TRIES = 5
READER_CONNECTIONS = 30
SITE_READER_CONNECTIONS = 10
_READER_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "5min",
    "search_path": "marts, live",
}


def establish(engine: Engine, urls: Mapping[Role, URL]) -> None:
    """Let each role log in with the password of its URL, as the administrator. May run twice and at once."""
    _change(engine, partial(limit_reader, role=Role.ANALYST, connections=READER_CONNECTIONS))
    for role, url in urls.items():
        if not _can_log_in(engine, role, url):
            _change(engine, partial(set_password, role=role, password=str(url.password)))


def set_password(connection: Connection, role: str, password: str) -> None:
    """Let the role log in with this password. The server receives a verifier, never the password."""
    driver = connection.connection.driver_connection
    assert driver
    verifier: bytes = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("alter role {} login password {}")
    run(connection, statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))


def limit_reader(connection: Connection, role: str, connections: int) -> None:
    """Limit a reader: few connections, by default read-only, with timeouts for long and idle ones."""
    known = connection.execute(
        text("select rolconnlimit, coalesce(rolconfig, '{}') as settings from pg_roles where rolname = :role"),
        {"role": role},
    ).one()
    if known.rolconnlimit != connections:
        run(connection, sql.SQL(f"alter role {{}} connection limit {connections}").format(sql.Identifier(role)))
    for name, value in _READER_SETTINGS.items():
        if f"{name}={value}" not in known.settings:
            values = sql.SQL(", ").join(map(sql.Literal, value.split(", ")))
            run(connection, sql.SQL(f"alter role {{}} set {name} = {{}}").format(sql.Identifier(role), values))


def _change(engine: Engine, change: Callable[[Connection], None]) -> None:
    """Change a role. Try again if another session changed it meanwhile ("tuple concurrently updated")."""
    for more in reversed(range(TRIES)):
        try:
            with engine.begin() as connection:
                change(connection)
            return
        except InternalError:
            if not more:
                raise


def _can_log_in(engine: Engine, role: Role, url: URL) -> bool:
    with engine.connect() as connection:
        if not connection.scalar(text("select rolcanlogin from pg_roles where rolname = :role"), {"role": role}):
            return False
    try:
        make_engine(url, poolclass=NullPool).connect().close()
    except OperationalError:
        return False
    return True
