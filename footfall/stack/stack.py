"""What runs where: the embedded PostgreSQL, the collector, its follower, answers over HTTP, Dagster, on loopback.

Only the collector can be set to listen elsewhere.
"""

import logging
import os
import shutil
from collections.abc import Callable

import httpx

from footfall.pipeline import dbt
from footfall.pipeline.candidates import prepare_marts
from footfall.pipeline.installation import open_installation, readers_manifest, sound_manifest
from footfall.stack.processes import (
    KEEPER,
    LOOPBACK,
    collector_url,
    dagster_url,
    kept_elsewhere,
    processes,
    serving_url,
    today_build,
)
from ingestion.landing.writer import SegmentWriter
from runtime import ports
from runtime.errors import FootfallError
from runtime.files import require_room
from runtime.processes import ProcessError, stop_all
from runtime.secrets import make_private, require_private
from runtime.settings import PROJECT, Settings
from warehouse.access.readers import put_back, readers_watched
from warehouse.access.sites import write_registry
from warehouse.postgres.database import embedded_server
from warehouse.postgres.locks import MIGRATION, exclusive
from warehouse.postgres.roles import establish
from warehouse.privacy.suppressions import merge_suppressions
from warehouse.tables.contracts import read_marts, read_views
from warehouse.tables.marts import isolate_users
from warehouse.tables.migrate import migrate
from warehouse.tables.version import require_newest, version
from warehouse.tables.views import ensure_views

_log = logging.getLogger(__name__)


def prepare_database(settings: Settings, is_upgrade: bool = False) -> None:
    """Start the embedded server if it is used, and bring schema, roles, views and the tables of marts up to date.

    The schema of an older version is brought up to date by an upgrade or a restore alone: they have a way back.

    Raises:
        SecretsError: others may read a key or a password.
        VersionError: the database is of newer programs; or of older ones, and this is no upgrade.
    """
    make_private(settings.home)
    require_private(settings.secret_files)
    if server := embedded_server(settings):
        server.start()
    with open_installation(settings) as installation, readers_watched(installation.engine):
        with installation.engine.connect() as connection:
            found = version(connection)
        if found and not is_upgrade:
            require_newest(found)
        migrate(installation.engine)
        establish(installation.engine, installation.database.roles)
        put_back(installation.engine)
        manifest = sound_manifest(installation)
        marts, views = read_marts(manifest), read_views(manifest)
        with installation.engine.begin() as connection:
            exclusive(connection, MIGRATION)
            ensure_views(connection, "live", views)
            isolate_users(connection, marts)
            write_registry(connection, settings.site_registry)
            merge_suppressions(connection, settings.landing)
        try:
            prepare_marts(installation, marts, views)
        except FootfallError as error:  # Collecting and loading go on without.
            _log.error("nothing is built until this is right: %s", error)


def prepare(settings: Settings) -> None:
    """Prepare all that processes expect: the database, Dagster's folder, the manifests of readers.

    Raises:
        DiskFull: the disk of the home is full; nothing was started.
        LandingError: the landing zone accepts nothing, so that the collector could not work.
    """
    require_room(settings.home)
    make_private(settings.home)
    SegmentWriter(settings.landing, "up").probe()
    prepare_database(settings)
    write_dagster_home(settings)
    with open_installation(settings) as installation:
        for target in (dbt.PUBLISHED, dbt.WITH_TODAY):
            readers_manifest(installation, target)  # Parsed now, so that the first question is answered at once.


def start(settings: Settings, is_kept: bool = True) -> None:
    """Start every process that does not run yet, and wait until all of them work.

    A keeper starts again what dies. Without `is_kept` the caller is that keeper.

    Raises:
        ProcessError: one did not start, or another program keeps them.
        DiskFull: the disk of the home is full; nothing was started.
        LandingError: the landing zone accepts nothing, so that the collector could not work.
    """
    require_own(settings)
    prepare(settings)
    replace_keeper(settings)
    for name in _PORTS:
        claim_port(settings, name)
    running = processes(settings)
    running["collector"].start()
    running["serving"].start()
    if settings.follow:
        running["follower"].start()
    else:
        running["follower"].stop()
    running["alarms"].start()
    # The page starts before the daemon: on a fresh home both would create Dagster's tables, and one would fail.
    running["dagster-webserver"].start()
    running["collector"].wait_until(lambda: answers(f"{collector_url(settings)}/readyz"))
    running["serving"].wait_until(lambda: answers(f"{serving_url(settings)}/healthz"))
    running["dagster-webserver"].wait_until(lambda: answers(f"{dagster_url(settings)}/server_info"))
    running["dagster-daemon"].start()
    if is_kept:
        running[KEEPER].start()


def stop(settings: Settings, say: Callable[[str], None] = lambda line: None) -> None:
    """Stop everything that `start` started, the keeper first and the database last, and say what is being stopped.

    Raises:
        ProcessError: another program keeps the processes, and would start them again.
    """
    require_own(settings)
    # One that keeps them in the foreground is this process.
    known = {name: process for name, process in processes(settings).items() if process.pid != os.getpid()}
    if keeper := known.pop(KEEPER, None):
        keeper.stop()
    if names := [name for name, process in known.items() if process.pid]:
        say(f"stopping {', '.join(names)}")
    stop_all([*known.values(), today_build(settings)])
    if server := embedded_server(settings):
        say("stopping PostgreSQL")
        server.stop()


def replace_keeper(settings: Settings) -> None:
    """End the keeper, which knows the settings of its own start, and leave alone what it started again.

    One in a terminal's foreground stays.
    """
    keeper = processes(settings)[KEEPER]
    if not keeper.is_in_foreground:
        keeper.stop(with_children=False)


def require_own(settings: Settings) -> None:
    """Require that no other program, such as systemd, starts and keeps the processes.

    Raises:
        ProcessError: one does.
    """
    if names := kept_elsewhere(settings):
        raise ProcessError(
            f"{', '.join(names)}: started and kept by another program, such as systemd. Ask that: with units of"
            " `footfall service install`, systemctl [--user] start, stop or restart footfall.target"
        )


def write_dagster_home(settings: Settings) -> None:
    """Write the instance settings to the file that Dagster reads."""
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "orchestration" / "dagster.yaml", home / "dagster.yaml")


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def claim_port(settings: Settings, name: str) -> None:
    """Choose the port of a process about to start, if it has one. A running process keeps its port."""
    if name in _PORTS and not processes(settings)[name].pid:
        host = settings.collector_host if name == "collector" else LOOPBACK
        port = _PORTS[name]
        ports.claim(settings.home / "run" / f"{port}.port", getattr(settings, f"{port}_port"), host)


_PORTS = {"collector": "collector", "serving": "serving", "dagster-webserver": "dagster"}
"""Process → the word by which its port's setting and file go."""
