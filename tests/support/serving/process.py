"""Answers over HTTP by a process of its own, and a client of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from runtime.settings import PROJECT
from tests.support.ingestion.running_collector import free_port


@contextmanager
def serving(
    home: Path, log: Path, program: Sequence[str] = ("-m", "serving"), **environment: str
) -> Iterator[httpx.Client]:
    """Start it, and give a client."""
    port = free_port()
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, *program],
            env=os.environ | {"FOOTFALL_HOME": str(home), "FOOTFALL_SERVING_PORT": str(port)} | environment,
            cwd=PROJECT,
            stdout=written,
            stderr=written,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            until = time.monotonic() + 180
            while True:
                try:
                    client.get("/healthz").raise_for_status()
                    break
                except httpx.TransportError:
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < until, log.read_text()
                    time.sleep(0.1)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
