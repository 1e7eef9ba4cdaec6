"""What is wrong with an installation, and the mend. Looks only; mends nothing."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from footfall import dbt
from footfall.night import open_installation
from footfall.settings import Settings
from footfall.stack import answers, collector_url, dagster_url, processes
from ingestion.sealed import sealed_segments
from warehouse import schema
from warehouse.database import embedded_server
from warehouse.secrets import SecretsError

LEAST_FREE_BYTES = 2 * 1024**3
STALE = timedelta(hours=26)
"""A night and two hours without a publication, while days are dirty."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    ok: bool
    what: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that commonly goes wrong."""
    return [*_machine(settings), *_processes(settings), *_database(settings)]


def _machine(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    yield Finding(writable, f"home {home} can be written", "" if writable else f"give yourself write access to {existing}")
    free = shutil.disk_usage(existing).free
    yield Finding(
        free > LEAST_FREE_BYTES,
        f"{free / 1024**3:.1f} GiB are free",
        "" if free > LEAST_FREE_BYTES else "make room, or shorten retention: footfall retention list",
    )
    has_dbt = os.path.exists(dbt.executable())
    yield Finding(has_dbt, f"dbt is at {dbt.executable()}", "" if has_dbt else "run: make setup")
    if settings.geoip_path:
        found = settings.geoip_path.exists()
        yield Finding(found, f"geoip_path {settings.geoip_path}", "" if found else "put the MMDB file there, or unset geoip_path")


def _processes(settings: Settings) -> Iterator[Finding]:
    for name, process in processes(settings).items():
        yield Finding(bool(process.pid), f"{name} runs", "" if process.pid else f"footfall up --detach; its log: {process.log}")
    for name, url in {
        "collector takes events": f"{collector_url(settings)}/readyz",
        "Dagster's page answers": f"{dagster_url(settings)}/server_info",
    }.items():
        ok = answers(url)
        yield Finding(ok, f"{name} ({url})", "" if ok else "footfall down, then footfall up --detach; see the logs")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        here = open_installation(settings)
        connection = here.engine.connect()
    except SecretsError as error:
        yield Finding(False, "the secrets are readable by their owner only", str(error))
        return
    except OperationalError as error:
        server = embedded_server(settings)
        mend = f"footfall up --detach; its log: {server.log}" if server else f"check FOOTFALL_DATABASE_URL: {error.orig}"
        yield Finding(False, "the database answers", mend)
        return
    with connection:
        yield Finding(True, "the database answers")
        version = schema.version(connection)
        yield Finding(bool(version), f"the schema is at version {version}", "" if version else "footfall up --detach")
        if version:
            yield from _data(connection, settings)
    here.engine.dispose()


def _data(connection: Connection, settings: Settings) -> Iterator[Finding]:
    refused = list(
        connection.execute(
            text("select file_name || ': ' || reason from ops.landed_files where state = 'refused' order by 1")
        ).scalars()
    )
    mend = f"look at it in {settings.landing / 'refused'}: {refused[0]}" if refused else ""
    yield Finding(not refused, f"{len(refused)} landed files were refused", mend)
    waiting = len(sealed_segments(settings.landing)) if settings.landing.exists() else 0
    yield Finding(waiting < 1000, f"{waiting} sealed segments wait to be loaded", "" if waiting < 1000 else "footfall load")
    oldest = connection.scalar(text("select min(marked_at) from ops.dirty_days"))
    late = bool(oldest and datetime.now(UTC) - oldest > STALE)
    yield Finding(not late, "dirty days are published every night", f"dirty since {oldest:%F %R}: footfall nightly" if late else "")
    audit = connection.execute(
        text("select passed, failed_count from ops.audits order by audit_id desc limit 1")
    ).first()
    failed = bool(audit and not audit.passed)
    yield Finding(not failed, "the last candidate passed its check", f"see {settings.home / 'checks' / 'latest.html'}" if failed else "")
