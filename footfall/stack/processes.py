"""The processes of an installation: their commands, environments, ports and addresses. Starts none."""

import sys
from pathlib import Path

from runtime import ports
from runtime.processes import Process
from runtime.settings import PROJECT, Settings

LOOPBACK = "127.0.0.1"


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
    scripts = Path(sys.executable).parent
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "collector": ([sys.executable, "-m", "ingestion.collector"], own),
        "serving": ([sys.executable, "-m", "serving"], own),
        "follower": ([sys.executable, "-u", "-m", "footfall", "load", "--follow"], own),
        "alarms": ([sys.executable, "-m", "serving.alarms"], own),
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


def should_run(name: str, settings: Settings) -> bool:
    """Whether `footfall up` starts the process of this name."""
    return name != "follower" or settings.follow


def today_build(settings: Settings) -> Process:
    """Return the process that builds the open day once, and ends."""
    command, environment = [sys.executable, "-m", "footfall", "today"], {"FOOTFALL_HOME": str(settings.home)}
    return Process("today", command, environment, settings.home / "run", settings.logs / "today.log")


def dagster_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a Dagster process.

    Returns:
        Environment variable → value.
    """
    return {"FOOTFALL_HOME": str(settings.home), "DAGSTER_HOME": str(settings.home / "dagster")}


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


def _workspace() -> list[str]:
    return ["-w", str(PROJECT / "workspace.yaml")]
