"""The processes of an installation: their commands, environments, ports and addresses. Starts none."""

import sys

from runtime import ports
from runtime.processes import Process
from runtime.settings import PROJECT, Settings

LOOPBACK = "127.0.0.1"
KEEPER = "keeper"
_MODULE = (sys.executable, "-u", "-P", "-m")
"""How a module runs: it logs at once, and files in the caller's folder are no modules, whatever their names."""
_WORKSPACE = ("-w", str(PROJECT / "orchestration" / "workspace.yaml"))


def processes(settings: Settings) -> dict[str, Process]:
    """Return Footfall's processes.

    Returns:
        Name → process, in the order of starting.
    """
    own = {
        "FOOTFALL_HOME": str(settings.home),
        "FOOTFALL_COLLECTOR_PORT": str(collector_port(settings)),
        "FOOTFALL_SERVING_PORT": str(serving_port(settings)),
    }
    dagster = own | dagster_environment(settings)
    at_port = ("-h", LOOPBACK, "-p", str(dagster_port(settings)))
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "collector": ([*_MODULE, "ingestion.collector"], own),
        "serving": ([*_MODULE, "serving"], own),
        "follower": ([*_MODULE, "footfall", "load", "--follow"], own),
        "alarms": ([*_MODULE, "serving.alarms"], own),
        "dagster-webserver": ([*_MODULE, "dagster_webserver", *at_port, *_WORKSPACE], dagster),
        "dagster-daemon": ([*_MODULE, "dagster._daemon", "run", *_WORKSPACE], dagster),
        KEEPER: ([*_MODULE, "footfall", "run", KEEPER], own),
    }
    return {
        name: Process(name, command, environment, settings.home / "run", settings.logs / f"{name}.log")
        for name, (command, environment) in commands.items()
    }


def should_run(name: str, settings: Settings) -> bool:
    """Whether the process of this name belongs to a running installation."""
    return {"follower": settings.follow, KEEPER: not kept_elsewhere(settings)}.get(name, True)


def kept_elsewhere(settings: Settings) -> list[str]:
    """Return the names of running processes that another program, such as systemd, starts and keeps."""
    return [name for name, process in processes(settings).items() if name != KEEPER and process.is_in_foreground]


def today_build(settings: Settings) -> Process:
    """Return the process that builds the open day once, and ends."""
    command, environment = [*_MODULE, "footfall", "today"], {"FOOTFALL_HOME": str(settings.home)}
    return Process("today", command, environment, settings.home / "run", settings.logs / "today.log")


def dagster_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a Dagster process.

    Returns:
        Environment variable → value.
    """
    return {
        "FOOTFALL_HOME": str(settings.home),
        "DAGSTER_HOME": str(settings.home / "dagster"),
        "PYTHONSAFEPATH": "1",  # The servers of code that it starts find no modules in the caller's folder either.
    }


def collector_port(settings: Settings) -> int:
    """Return the collector's port: the same at every start unless another program has taken it."""
    return ports.port_of(settings.home / "run" / "collector.port", settings.collector_port)


def serving_port(settings: Settings) -> int:
    """Return the port of answers over HTTP: the same at every start unless another program has taken it."""
    return ports.port_of(settings.home / "run" / "serving.port", settings.serving_port)


def dagster_port(settings: Settings) -> int:
    """Return the port of Dagster's page: the same at every start unless another program has taken it."""
    return ports.port_of(settings.home / "run" / "dagster.port", settings.dagster_port)


def collector_url(settings: Settings) -> str:
    """Return the address to which events are posted."""
    host = settings.collector_host
    return f"http://{f'[{host}]' if ':' in host else host}:{collector_port(settings)}"


def serving_url(settings: Settings) -> str:
    """Return the address at which questions are answered."""
    return f"http://{LOOPBACK}:{serving_port(settings)}"


def dagster_url(settings: Settings) -> str:
    """Return the address of Dagster's page."""
    return f"http://{LOOPBACK}:{dagster_port(settings)}"
