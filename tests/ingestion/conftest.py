"""The real collector, started as its own processes on a free port."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.running_collector import RunningCollector, is_ready, wait_until, write_registry

Start = Callable[..., RunningCollector]


@pytest.fixture(scope="session")
def launch() -> Iterator[Start]:
    """Start collectors: `launch(home, command, until, **settings)`. They are killed at the end of the run."""
    running: list[RunningCollector] = []

    def start(
        home: Path, command: list[str] | None = None, until: str = "/readyz", **settings: Any
    ) -> RunningCollector:
        if until == "/readyz" and not (home / "sites.json").exists():
            home.mkdir(parents=True, exist_ok=True)
            write_registry(home)
        collector = RunningCollector.start(home, command, **settings)
        running.append(collector)
        wait_until(lambda: is_ready(collector, until))
        return collector

    yield start
    for collector in running:
        collector.client.close()
        if collector.process.poll() is None:
            os.killpg(collector.process.pid, signal.SIGKILL)
            collector.process.wait()


@pytest.fixture
def start_collector(launch: Start, tmp_path: Path) -> Start:
    """Start a collector of the test's own: `start_collector(**settings)`; a second one has the same home."""
    return lambda **given: launch(given.pop("home", tmp_path), **given)


@pytest.fixture(scope="module")
def collector(launch: Start, tmp_path_factory: pytest.TempPathFactory) -> RunningCollector:
    """A collector for all tests of a module that leave it as it was."""
    return launch(tmp_path_factory.mktemp("collector"))
