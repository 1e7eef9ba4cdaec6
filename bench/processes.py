"""Processes that are measured: each on a core of its own, ready before the measuring begins."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from footfall.pipeline.installation import Installation
from footfall.stack.stack import answers
from runtime import ports
from runtime.settings import PROJECT

START_SECONDS = 60


@contextmanager
def serving(installation: Installation, core: int, limited: bool = True) -> Iterator[tuple[int, psutil.Process]]:
    """Run an installation's HTTP API on a core until the end of the block; give its port.

    Without limits a token may ask as often as it likes.
    """
    home = installation.settings.home
    port = ports.claim(home / "bench-serving.port", 0)
    environment = environment_of(installation) | {"FOOTFALL_SERVING_PORT": str(port)}
    if not limited:
        environment |= {"FOOTFALL_SERVING_RATE_PER_TOKEN": "0"}
    with running(["serving"], environment, port, core, home / "bench-serving.log") as process:
        yield port, process


def environment_of(installation: Installation) -> dict[str, str]:
    """Return what lets a process find an installation."""
    settings = installation.settings
    return {"FOOTFALL_HOME": str(settings.home), "FOOTFALL_POSTGRES_PORT": str(settings.postgres_port)}


@contextmanager
def running(
    module: list[str], environment: Mapping[str, str], port: int, core: int, log: Path
) -> Iterator[psutil.Process]:
    """Run this module on a core, once it is ready, until the end of the block."""
    with pinned(core), log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env={**os.environ, **environment}, cwd=PROJECT, stderr=said
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{module[0]} does not serve:\n{log.read_text()}")
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run this process, and processes that it starts meanwhile, on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
