"""The roles of the server: one for each kind of work, each with a password of its own that is logged nowhere.

Migrations make them. This module sets their passwords, and the limits of readers. Their rights are in
`warehouse/access/rights.py`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import InternalError

from warehouse.postgres.catalog import run
from warehouse.postgres.connect import connect
from warehouse.postgres.statements import statement

_Made = TypeVar("_Made")


class Role(StrEnum):
    """The roles that connect, by their names on the server."""

    LOADER = "footfall_loader"
    TRANSFORMER = "footfall_transformer"
    CHECKER = "footfall_checker"
    PUBLISHER = "footfall_publisher"
    RETENTION = "footfall_retention"
    ERASER = "footfall_eraser"
    ANALYST = "footfall_analyst"
    SERVING = "footfall_serving"
    """Knows the tokens of readers over HTTP, and reads nothing else."""


SITE_ANALYST = "footfall_site_analyst"
"""Group role of the analysts of single sites. No one connects as it, nor as `footfall_owner`."""

CONTACT_READER = "footfall_contacts"
"""Group role of the readers, tokens among them, that read contacts as well. No one connects as it."""

SITE_ROLE_PREFIX = "footfall_site_"
"""What names of these analysts begin with; the site follows."""

API_READER = "footfall_token"
"""Group role of the tokens that read over HTTP. No one connects as it."""

API_ROLE_PREFIX = "footfall_token_"
"""What names of their own roles begin with; the id of the token follows."""

TRIES = 5
READER_CONNECTIONS, SITE_READER_CONNECTIONS = 30, 20
"""Connections at once of the analyst, and of an analyst of one site."""
API_READER_CONNECTIONS, API_CONNECTIONS = 4, 24
"""Connections at once of a token, and of all tokens together."""
STATEMENT_MINUTES, IDLE_MINUTES, TRANSACTION_MINUTES = 10, 5, 30
"""How long a reader's statement may take, and how long its transaction may be idle, or open whatever it does: vacuum
keeps what the transaction could still see."""
_READER_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_MINUTES}min",
    "idle_in_transaction_session_timeout": f"{IDLE_MINUTES}min",
    "transaction_timeout": f"{TRANSACTION_MINUTES}min",
    "search_path": "marts, live",
}
_HARD_SETTINGS = {"temp_file_limit": "1GB"}
"""Limits of each session that a reader cannot lift. Only a superuser can set them."""


def establish(engine: Engine, urls: Mapping[Role, URL]) -> None:
    """Let each role log in with the password of its URL, as the administrator. May run twice and at once."""
    change(engine, partial(limit_reader, role=Role.ANALYST, connections=READER_CONNECTIONS))
    for role, url in urls.items():
        if not _can_log_in(engine, role, url):
            change(engine, partial(set_password, role=role, password=str(url.password)))


def set_password(connection: Connection, role: str, password: str) -> None:
    """Let the role log in with this password. The server receives a verifier, never the password."""
    driver = connection.connection.driver_connection
    assert driver
    verifier: bytes = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("alter role {} login password {}")
    run(connection, statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))


def make_reader(connection: Connection, role: str, group: str, connections: int) -> None:
    """Make a role that reads what `group` may, with the limits of a reader. May run twice."""
    name = sql.Identifier(role)
    if not connection.scalar(text("select 1 from pg_roles where rolname = :role"), {"role": role}):
        run(connection, sql.SQL("create role {}").format(name))
    if not connection.scalar(text("select pg_has_role(cast(:role as name), 'usage')"), {"role": role}):
        # To see its sessions and end them, an administrator who is no superuser takes part in it.
        run(connection, sql.SQL("grant {} to current_user with inherit true, set false").format(name))
    limit_reader(connection, role, connections)
    run(connection, sql.SQL("grant {} to {}").format(sql.Identifier(group), name))


def limit_reader(connection: Connection, role: str, connections: int) -> bool:
    """Limit a reader: few connections and temporary files, by default read-only, with timeouts. May run twice.

    A reader may change the settings of its own role, also those that keep all others of the role out. So what Footfall
    did not set is taken back. Return whether anything was changed.
    """
    known = connection.execute(statement(__file__, "reader_settings"), {"role": role}).one()
    soft = {name: value for name, value in _READER_SETTINGS.items() if name not in known.unknown}
    wanted = soft | {name: value for name, value in _HARD_SETTINGS.items() if name in known.may_set}
    fixed = tuple(f"{name}=" for name in _HARD_SETTINGS if name not in known.may_set)
    found = [line for line in known.settings if not line.startswith(fixed)]
    fits = sorted(found) == sorted(f"{name}={value}" for name, value in wanted.items())
    if known.rolconnlimit != connections:
        run(connection, sql.SQL(f"alter role {{}} connection limit {connections}").format(sql.Identifier(role)))
    if known.is_set_for_database:
        where = sql.SQL("alter role {} in database {} reset all")
        run(connection, where.format(sql.Identifier(role), sql.Identifier(known.database)))
    if not fits:
        run(connection, sql.SQL("alter role {} reset all").format(sql.Identifier(role)))
        for name, value in wanted.items():
            values = sql.SQL(", ").join(map(sql.Literal, value.split(", ")))
            run(connection, sql.SQL(f"alter role {{}} set {name} = {{}}").format(sql.Identifier(role), values))
    return not fits or known.is_set_for_database or known.rolconnlimit != connections


def change(engine: Engine, work: Callable[[Connection], _Made]) -> _Made:
    """Change a role. Try again if another session changed it meanwhile ("tuple concurrently updated")."""
    for _ in range(TRIES - 1):
        with suppress(InternalError), engine.begin() as connection:
            return work(connection)
    with engine.begin() as connection:
        return work(connection)


def _can_log_in(engine: Engine, role: Role, url: URL) -> bool:
    with engine.connect() as connection:
        if not connection.scalar(text("select rolcanlogin from pg_roles where rolname = :role"), {"role": role}):
            return False
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
