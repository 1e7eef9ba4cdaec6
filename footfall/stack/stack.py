"""What runs where: the embedded PostgreSQL, the collector, Dagster's page and daemon, all on loopback.

Only the collector can be told to listen elsewhere.
"""

import shutil
import sys
from pathlib import Path

import httpx

from footfall.pipeline.installation import open_installation, sound_manifest
from runtime import ports
from runtime.processes import Process
from runtime.secrets import make_private, require_private
from runtime.settings import PROJECT, Settings
from warehouse.access.sites import write_registry
from warehouse.postgres.database import embedded_server
from warehouse.postgres.locks import MIGRATION, exclusive
from warehouse.postgres.roles import establish
from warehouse.privacy.suppressions import merge_suppressions
from warehouse.tables.contracts import read_views
from warehouse.tables.migrate import migrate
from warehouse.tables.views import ensure_views

LOOPBACK = "127.0.0.1"


def prepare_database(settings: Settings) -> None:
    """Start the embedded server if it is ours, bring schema, roles and live views up to date.

    Raises:
        SecretsError: others may read a key or a password.
    """
    make_private(settings.home)
    require_private(settings.secret_files)
    if server := embedded_server(settings):
        server.start()
    with open_installation(settings) as installation:
        migrate(installation.engine)
        establish(installation.engine, installation.database.roles)
        described = read_views(sound_manifest(installation))
        with installation.engine.begin() as connection:
            exclusive(connection, MIGRATION)
            ensure_views(connection, "live", described)
            write_registry(connection, settings.site_registry)
            merge_suppressions(connection, settings.landing)


def start(settings: Settings) -> None:
    """Start whatever does not run yet, and wait until all of it works.

    Raises:
        ProcessError: one did not start.
    """
    prepare_database(settings)
    write_dagster_home(settings)
    _claim_ports(settings)
    running = processes(settings)
    running["collector"].start()
    # The page before the daemon: on a fresh home both would create Dagster's own tables, and one of them fail.
    running["dagster-webserver"].start()
    running["collector"].wait_until(lambda: answers(f"{collector_url(settings)}/readyz"))
    running["dagster-webserver"].wait_until(lambda: answers(f"{dagster_url(settings)}/server_info"))
    running["dagster-daemon"].start()


def stop(settings: Settings) -> None:
    """Stop everything that `start` started, the database last."""
    for process in reversed(processes(settings).values()):
        process.stop()
    if server := embedded_server(settings):
        server.stop()


def processes(settings: Settings) -> dict[str, Process]:
    """Our own processes by name, in the order of starting."""
    own = {"FOOTFALL_HOME": str(settings.home), "FOOTFALL_COLLECTOR_PORT": str(collector_port(settings))}
    dagster = own | dagster_environment(settings)
    scripts = Path(sys.executable).parent
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "collector": ([sys.executable, "-m", "ingestion.collector"], own),
        "dagster-webserver": (
            [str(scripts / "dagster-webserver"), "-h", LOOPBACK, "-p", str(dagster_port(settings)), *_workspace()],
            dagster,
        ),
        "dagster-daemon": ([str(scripts / "dagster-daemon"), "run", *_workspace()], dagster),
    }
    return {
        name: Process(name, command, environment, settings.home / "run", settings.logs / f"{name}.log")
        for name, (command, environment) in commands.items()
    }


def dagster_environment(settings: Settings) -> dict[str, str]:
    """What a Dagster process needs to know."""
    return {"FOOTFALL_HOME": str(settings.home), "DAGSTER_HOME": str(settings.home / "dagster")}


def write_dagster_home(settings: Settings) -> None:
    """Put the instance settings where Dagster looks for them."""
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "dagster.yaml", home / "dagster.yaml")


def collector_port(settings: Settings) -> int:
    """The collector's port, the same at every start unless somebody else has taken it."""
    return ports.port_of(settings.home / "run" / "collector.port", settings.collector_port)


def dagster_port(settings: Settings) -> int:
    """The port of Dagster's page, the same at every start unless somebody else has taken it."""
    return ports.port_of(settings.home / "run" / "dagster.port", settings.dagster_port)


def collector_url(settings: Settings) -> str:
    """Where events are posted to."""
    host = settings.collector_host
    return f"http://{f'[{host}]' if ':' in host else host}:{collector_port(settings)}"


def dagster_url(settings: Settings) -> str:
    """Dagster's page."""
    return f"http://{LOOPBACK}:{dagster_port(settings)}"


def answers(url: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _claim_ports(settings: Settings) -> None:
    """Choose ports for what is about to start; what runs keeps its own."""
    running = processes(settings)
    if not running["collector"].pid:
        ports.claim(settings.home / "run" / "collector.port", settings.collector_port, settings.collector_host)
    if not running["dagster-webserver"].pid:
        ports.claim(settings.home / "run" / "dagster.port", settings.dagster_port)


def _workspace() -> list[str]:
    return ["-w", str(PROJECT / "workspace.yaml")]
