"""What is wrong with an installation, and how to fix it. Looks only; changes nothing."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from footfall.pipeline.backups import last_backup
from footfall.pipeline.dbt import BuildFailed
from footfall.pipeline.installation import Installation, open_installation, published_marts
from footfall.spark.needs import needs
from footfall.stack.last_night import last_night
from footfall.stack.processes import collector_url, dagster_url, processes, serving_url, should_run
from footfall.stack.stack import answers
from ingestion.landing.folders import MANIFEST_SUFFIX, odd_entries, plain_name
from ingestion.landing.reader import sealed_segments
from ingestion.landing.segment import OPEN_SUFFIX, SEALED_SUFFIX
from runtime.display import shown
from runtime.secrets import SecretsError, is_exposed
from runtime.settings import BuildEngine, Settings
from warehouse.access.readers import full, sessions
from warehouse.access.server_rights import lacking
from warehouse.access.zones import left_out
from warehouse.postgres import kept_on_restore
from warehouse.postgres.database import embedded_server
from warehouse.postgres.roles import API_CONNECTIONS
from warehouse.postgres.server import ServerError, readers_connections, reserved_connections
from warehouse.postgres.statements import statement
from warehouse.privacy.erased_list import incomplete_lists
from warehouse.privacy.requests import unfinished_erasures
from warehouse.publication.held_days import list_held
from warehouse.publication.slices import SliceError
from warehouse.retention.clock import days_ahead, read_clock
from warehouse.tables.decisions import ContractError
from warehouse.tables.marts import unknown_tables
from warehouse.tables.version import VersionError, newest, require_newest, version

LEAST_FREE_BYTES = 2 * 1024**3
MANY_SEGMENTS = 1000
STALE = timedelta(hours=26)
"""A night and two hours without a publication, while days are dirty."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    ok: bool
    what: str
    fix: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Check everything that commonly goes wrong."""
    return [*_machine(settings), *_processes(settings), *_database(settings)]


def _found(ok: bool, what: str, fix: str) -> Finding:
    return Finding(ok, what, "" if ok else fix)


def _machine(settings: Settings) -> Iterator[Finding]:
    existing = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    yield _found(writable, f"home {settings.home} can be written", f"give yourself write access to {existing}")
    free = shutil.disk_usage(existing).free
    roomy = free > LEAST_FREE_BYTES
    yield _found(roomy, f"{free / 1024**3:.1f} GiB are free", "make room, or shorten `footfall retention list`")
    if settings.home.exists():
        closed = not is_exposed(settings.home)
        yield _found(closed, "only its owner can open the home", f"chmod 700 {settings.home}")
    exposed = [str(path) for path in settings.secret_files if path.exists() and is_exposed(path)]
    yield _found(not exposed, "secrets are readable by their owner only", f"chmod 600 {' '.join(exposed)}")
    if settings.home.exists():
        yield _backups(settings)
    if settings.geoip_path:
        there = settings.geoip_path.exists()
        yield _found(there, f"geoip_path {settings.geoip_path}", "put the MMDB file there, or unset geoip_path")
    if settings.engine is BuildEngine.SPARK:
        yield from (_found(need.ok, need.what, need.fix) for need in needs(settings))


def _backups(settings: Settings) -> Finding:
    """Whether the nightly backup is as young as it should be. That none is wanted, is said and is no fault."""
    last = last_backup(settings)
    newest_is = f"the newest backup is of {last:%Y-%m-%d %H:%M} UTC" if last else "there is no backup"
    if settings.backup_hour is None:
        return Finding(True, f"{newest_is}; none is made by itself: setting backup_hour")
    recent = last is not None and datetime.now(UTC) - last < STALE
    where = f"see the job `backup` in {dagster_url(settings)}, then footfall backup {settings.backups}"
    return _found(recent, newest_is, where)


def _processes(settings: Settings) -> Iterator[Finding]:
    if settings.collector_host not in ("127.0.0.1", "::1", "localhost"):
        yield Finding(True, f"others reach the collector, on {settings.collector_host}; put TLS in front of it")
    for name, process in processes(settings).items():
        if should_run(name, settings):
            yield _found(bool(process.pid), f"{name} runs", f"footfall up --detach; its log: {process.log}")
    for name, url in {
        "the collector takes events": f"{collector_url(settings)}/readyz",
        "questions are answered over HTTP": f"{serving_url(settings)}/readyz",
        "Dagster's page answers": f"{dagster_url(settings)}/server_info",
    }.items():
        yield _found(answers(url), f"{name} ({url})", "footfall down, then footfall up --detach; see the logs")


def _database(settings: Settings) -> Iterator[Finding]:
    server = embedded_server(settings)
    try:
        if server:
            server.require_answer()
        with open_installation(settings) as installation, installation.engine.connect() as connection:
            yield Finding(True, "the database answers")
            found = version(connection)
            yield _version(found)
            interrupted = kept_on_restore.is_waiting(connection)
            yield _found(not interrupted, "no restore was interrupted", "run the same footfall restore again")
            if found == newest():
                yield from _data(connection, settings)
                yield from _dates(connection)
                yield from _readers(connection, bool(server))
                yield from _reach_of_erasure(connection, installation)
                overdue = _overdue_erasures(connection, settings)
                where = "footfall person purge; its last lines, and the receipts, say what is in the way"
                yield _found(not overdue, f"bytes of erased people are gone within {settings.erasure_days} days", where)
                unreached = incomplete_lists(connection, settings)
                where = f"{', '.join(map(str, unreached))}: make it reachable, then footfall backup to there"
                yield _found(not unreached, "the list of erased people lies beside all backups", where)
    except SecretsError:
        return  # It is reported above.
    except ServerError as error:
        yield Finding(False, "the database answers", str(error))
    except OperationalError as error:
        where = f"its log: {server.log}" if server else "check database_url"
        yield Finding(False, "the database answers", f"{where}: {error.orig}")


def _version(found: str | None) -> Finding:
    try:
        require_newest(found)
    except VersionError as error:
        return Finding(False, f"the schema is at version {found}", str(error))
    return Finding(True, f"the schema is at version {found}")


def _data(connection: Connection, settings: Settings) -> Iterator[Finding]:
    folder = settings.landing / "refused"
    # Retention deletes the files, not their entries in the ledger.
    entries = connection.execute(text(_REFUSED))
    refused = [shown(f"{file.file_name}: {file.reason}") for file in entries if (folder / file.file_name).exists()]
    where = f"look into {folder}: {'; '.join(refused[:3])}"
    yield _found(not refused, f"{len(refused)} landed files were refused", where)
    odd = [f"{path.parent.name}/{plain_name(path.name)}" for path in _odd(settings.landing)]
    advice = f"{', '.join(odd[:3])}: nothing reads these; take them out of {settings.landing}"
    yield _found(not odd, "landing folders hold segments alone", advice)
    waiting = len(sealed_segments(settings.landing))
    yield _found(waiting < MANY_SEGMENTS, f"{waiting} sealed segments wait to be loaded", "footfall load")
    oldest = connection.scalar(text(_OLDEST_WAITING))
    stale = bool(oldest and datetime.now(UTC) - oldest > STALE)
    yield _found(not stale, "dirty days are published every night", f"dirty since {oldest}: footfall nightly")
    held = list_held(connection)
    more = f"\n… and {len(held) - 3} more: footfall status" if held[3:] else ""
    yield _found(not held, "no day of a site is held back", "\n".join(map(str, held[:3])) + more)
    unknown = left_out(connection)
    yield _found(not unknown, "the timezones of all sites are known", "; ".join(map(str, unknown)))
    failed = connection.scalar(text("select failed_count from ops.audits order by audit_id desc limit 1"))
    page = settings.checks / "latest.html"
    yield _found(not failed, "the last candidate passed its check", f"see {page}")
    if night := last_night(settings):
        # What was published since shows that the night was made up for.
        published_at = connection.scalar(text("select max(published_at) from ops.publications"))
        failed = bool(night.failure) and not (published_at and published_at > night.ended_at)
        run = f"{dagster_url(settings)}/runs/{night.run_id}"
        yield _found(not failed, "the last night in Dagster succeeded", f"{night}; see {run}, then footfall nightly")


def _readers(connection: Connection, is_embedded: bool) -> Iterator[Finding]:
    """Whether steps keep connections whatever readers open, and whether readers are within their limits."""
    lacks = lacking(connection)
    yield _found(not lacks, "readers can hold up no step", f"{'; '.join(lacks)}: see docs/security.md")
    slots = connection.execute(statement(__file__, "connections"), {"of_tokens": API_CONNECTIONS}).one()
    needed = reserved_connections(os.cpu_count() or 1)
    left = slots.allowed - slots.for_superusers - min(slots.promised, slots.unreserved)
    what = f"of {slots.allowed} connections readers may open {slots.promised}; {left} stay for the steps"
    wanted = f"reserved_connections = {needed} and max_connections = {slots.promised + slots.for_superusers + needed}"
    fix = "footfall down, then footfall up --detach" if is_embedded else f"set {wanted}, and restart PostgreSQL"
    yield _found(left >= needed, what, fix)
    if is_embedded:
        room = slots.unreserved + slots.for_superusers
        enough = room >= readers_connections(slots.sites)
        yield _found(enough, f"the server has {room} connections for the readers of {slots.sites} sites", fix)
    taken = full(connection)
    close = "footfall readers shows them; close what no one uses, or let the tool keep fewer open"
    yield _found(not taken, "every reader may open one more connection", f"{'; '.join(taken)}: {close}")
    beyond = [str(session) for session in sessions(connection) if session.beyond]
    yield _found(not beyond, "readers are within their limits", f"footfall readers --end: {'; '.join(beyond)}")


def _dates(connection: Connection) -> Iterator[Finding]:
    clock = read_clock(connection)
    wrong = clock.first_ahead and f"{clock.first_ahead} is on record: footfall retention forget {clock.first_ahead}"
    why = clock.doubt() or wrong
    yield _found(not why, f"today is {clock.today}, as the dates on record say, too", why or "")
    ahead = days_ahead(connection)
    days = f"{ahead[0]} to {ahead[-1]}" if ahead[1:] else "".join(map(str, ahead))
    fix = f"{days}: a clock was wrong when they came, or an import's file; they stay on these days"
    yield _found(not ahead, f"{len(ahead)} days of events lie in the future", fix)


def _odd(landing: Path) -> list[Path]:
    """Return what lies in the landing folders and is no segment. What lies in `sealed` is refused by the next load."""
    return odd_entries(landing / "open", OPEN_SUFFIX) + odd_entries(landing / "loaded", SEALED_SUFFIX, MANIFEST_SUFFIX)


def _reach_of_erasure(connection: Connection, installation: Installation) -> Iterator[Finding]:
    """Whether erasures find all rows of people: each published table has a model that says whose its rows are."""
    try:
        marts = published_marts(installation)
    except (BuildFailed, ContractError, SliceError) as error:
        yield Finding(False, "all models are sound", f"{error}; until then nothing is built, exported or erased")
        return
    left = unknown_tables(connection, marts)
    advice = "no model says whose its rows are, so no erasure reaches it; drop it, or bring its model back"
    yield _found(not left, "erasures reach all that is published", f"{', '.join(left)}: {advice}")


def _overdue_erasures(connection: Connection, settings: Settings) -> bool:
    due = datetime.now(UTC) - timedelta(days=settings.erasure_days)
    return any(each.unreadable_at and each.unreadable_at < due for each in unfinished_erasures(connection).values())


_OLDEST_WAITING = """
select min(marked_at) from ops.dirty_days as d
where not exists (select from ops.held_days as h where h.site_id = d.site_id and h.event_date = d.event_date)
"""
_REFUSED = "select file_name, reason from ops.landed_files where state = 'refused' order by 1"
