"""The database as one file: written from one snapshot, restored whole or not at all. PostgreSQL's own programs do it.

The other content of a backup is left to `footfall.backup.backup`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from psycopg import sql
from sqlalchemy import URL, Connection, text

from runtime.errors import FootfallError
from runtime.failpoints import reach
from warehouse.postgres.connect import child_environment
from warehouse.postgres.database import server_version
from warehouse.postgres.server import BINARIES

SCHEMAS = ("raw", "staging", "intermediate", "audit", "marts", "live", "ops", "today_build", "today", "with_today")
CANDIDATES = ("intermediate", "audit", "today_build", "today")
"""A dump holds these tables without their rows: the next build makes the rows again."""
_OF_THIS_DATABASE = ("ops.erased_relations", "ops.today")
"""Which files hold deleted rows: those of a restored database hold none. What is in schema today: nothing is."""
LOCK_PATIENCE_SECONDS = 60
_HEAD_BYTES = 4096
"""Bytes from the start of a dump as text that hold all of its settings."""


class DumpError(FootfallError):
    """A program of PostgreSQL failed; the message is what it printed."""


def roles_of(connection: Connection) -> list[str]:
    """Return the roles that own something in this database, have a grant, or are named by a policy."""
    return list(
        connection.execute(
            text(
                "select distinct rolname::text from pg_shdepend d join pg_roles r on r.oid = d.refobjid"
                " where d.refclassid = 'pg_authid'::regclass"
                " and d.dbid = (select oid from pg_database where datname = current_database()) order by 1"
            )
        ).scalars()
    )


def write_dump(connection: Connection, url: URL, path: Path) -> None:
    """Write what this transaction sees to `path`. The transaction must be REPEATABLE READ.

    Raises:
        DumpError: with what pg_dump said.
    """
    snapshot: str = connection.execute(text("select pg_export_snapshot()")).scalar_one()
    command = [
        *(str(_programs(connection) / "pg_dump"), "--format", "custom", "--compress", "1", "--file", str(path)),
        # The marts' policies apply to an administrator who is no superuser; they show it all rows.
        "--enable-row-security",
        *("--snapshot", snapshot, "--lock-wait-timeout", f"{LOCK_PATIENCE_SECONDS}s"),
        *(f"--schema={schema}" for schema in SCHEMAS),
        *(f"--exclude-table-data={schema}.*" for schema in CANDIDATES),
        *(f"--exclude-table-data={table}" for table in _OF_THIS_DATABASE),
    ]
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise DumpError(f"pg_dump failed, run the backup again: {done.stderr.strip()}")


def restore_dump(
    connection: Connection, url: URL, path: Path, roles: Iterable[str], same_owner: bool, before: str
) -> None:
    """Replace Footfall's schemas by those of the dump, in one transaction that begins with the statements `before`.

    Missing roles are made, without login. Unless `same_owner`, the current administrator owns what is restored.

    Raises:
        DumpError: a program failed; the database is as it was.
    """
    programs, server = _programs(connection), server_version(connection)
    reading = [str(programs / "pg_restore"), "--file=-", *(() if same_owner else ("--no-owner",)), str(path)]
    writing = [str(programs / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    with (
        subprocess.Popen(reading, env=_environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader,
        subprocess.Popen(
            writing,
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as writer,
    ):
        said = _feed(reader, writer, _beginning(connection, roles) + before, server)
    if said:
        raise DumpError(f"the database is as it was; run the restore again when this is right: {said}")


def _feed(reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]", beginning: str, server: int) -> str:
    """Let psql run the dump, and commit only if all of it was read. Return the error text, empty on success."""
    dump, heard = cast(IO[bytes], reader.stdout), cast(IO[bytes], reader.stderr)
    statements, answer = cast(IO[bytes], writer.stdin), cast(IO[bytes], writer.stderr)
    unread = ""
    try:
        statements.write(beginning.encode())
        statements.write(known_settings(dump.read(_HEAD_BYTES), server))
        shutil.copyfileobj(dump, statements)
        reach("restore:before_commit")
        unread = (heard.read().decode() or "pg_restore failed") if reader.wait() else ""
        statements.write(b"\nrollback;\n" if unread else b"\ncommit;\n")
        statements.close()
    except BrokenPipeError:  # psql says why.
        reader.kill()
        with suppress(BrokenPipeError):
            statements.close()
    refused = answer.read().decode().strip()
    return unread or (refused or "psql failed" if writer.wait() else "")


def known_settings(head: bytes, server: int) -> bytes:
    """Remove from the head of a dump the setting that servers before PostgreSQL 17 do not know."""
    return head if server >= 17 else head.replace(b"SET transaction_timeout = 0;\n", b"", 1)


def _beginning(connection: Connection, roles: Iterable[str]) -> str:
    known: set[str] = set(connection.execute(text("select rolname::text from pg_roles")).scalars())
    missing = [sql.Identifier(role) for role in sorted(set(roles) - known)]
    driver: Any = connection.connection.driver_connection
    statements = [
        sql.SQL(f"set lock_timeout = '{LOCK_PATIENCE_SECONDS}s'"),
        sql.SQL("set client_min_messages = warning"),
        sql.SQL("begin"),
        *(sql.SQL("create role {} nologin").format(role) for role in missing),
    ]
    return "".join(f"{statement.as_string(driver)};\n" for statement in statements)


def make_room(schema_version: str) -> str:
    """Return the statements that drop what a dump of that schema version replaces."""
    return (
        f"drop schema if exists {', '.join(SCHEMAS)} cascade;\n"
        f"update public.alembic_version set version_num = '{schema_version}';\n"
    )


def _programs(connection: Connection) -> Path:
    """Find the folder of programs that fit the server: of its own version, or else newer ones.

    Raises:
        DumpError: there are none.
    """
    server = server_version(connection)
    installed = shutil.which("pg_dump")
    folders = [BINARIES, *([Path(installed).parent] if installed else [])]
    fitting = {folder: version for folder in folders if (version := _major(folder)) >= server}
    if not fitting:
        raise DumpError(f"the server is PostgreSQL {server}: put its own pg_dump, pg_restore and psql into PATH")
    return min(fitting, key=lambda folder: fitting[folder])


def _major(folder: Path) -> int:
    said = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"\d+", said)[0])


def _environment(url: URL) -> dict[str, str]:
    return child_environment(dict(os.environ), url) | {"PGAPPNAME": "footfall backup"}
