"""A collector running as its own processes, a client of it, and what it landed."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec

from ingestion.event.validate import Landed, LandedEvent, LandedReject
from ingestion.landing.reader import read_lines, sealed_segments
from ingestion.landing.writer import recover
from runtime.settings import PROJECT

SITES: dict[str, dict[str, Any]] = {
    "shop": {"timezone": "UTC", "origins": []},
    "blog": {"timezone": "Europe/Berlin", "origins": ["https://blog.example", "http://localhost:3000"]},
}
"""Each site's key is `key-of-<site>`."""


def write_registry(home: Path, sites: dict[str, dict[str, Any]] = SITES, **other: Any) -> None:
    """Write `sites.json` as the warehouse does: whole or not at all."""
    keys = {hashlib.sha256(f"key-of-{site}".encode()).hexdigest(): site for site in sites}
    fresh = home / "sites.json.tmp"
    fresh.write_text(json.dumps({"sites": sites, "keys": keys, "raw_keep_days": 90} | other))
    fresh.replace(home / "sites.json")


def make_event(**fields: Any) -> dict[str, Any]:
    """Make an event that is accepted."""
    now = datetime.now(UTC).isoformat()
    return {"event_name": "page_viewed", "anonymous_id": "device-1", "client_timestamp": now} | fields


@dataclass
class RunningCollector:
    """A collector, its home and a client of it."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    client: httpx.Client

    @classmethod
    def start(cls, home: Path, command: list[str] | None = None, **settings: Any) -> Self:
        """Start its processes, and wait for nothing."""
        home.mkdir(parents=True, exist_ok=True)
        chosen = {
            "home": home,
            "collector_port": free_port(),
            "collector_processes": 1,
            # All the clients of a test are one address.
            "collector_rate_per_key": 0,
            "collector_rate_per_address": 0,
        } | settings
        environment = os.environ | {f"FOOTFALL_{name.upper()}": str(value) for name, value in chosen.items()}
        with (home / "collector.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *(command or ["-m", "ingestion.collector"])],
                env=environment,
                cwd=PROJECT,
                stderr=log,
                start_new_session=True,
            )
        port = chosen["collector_port"]
        return cls(home, port, process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, *events: Any, key: str = "key-of-shop", **batch: Any) -> httpx.Response:
        """Post events as a well-behaved client does."""
        headers = {"authorization": f"Bearer {key}"}
        return self.client.post("/v1/events", json={"events": events} | batch, headers=headers)

    def post_body(self, body: bytes, **headers: str) -> httpx.Response:
        """Post bytes that may be no events at all; header names are written with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        default = {"authorization": "Bearer key-of-shop", "content-type": "application/json"}
        return self.client.post("/v1/events", content=body, headers=default | given)

    def connect(self) -> socket.socket:
        """Open a plain connection, for what no client library would send."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def workers(self) -> list[int]:
        """The processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def landed(self) -> list[Landed]:
        """Every whole line there is, sealed or still open; a segment sealed just now counts once."""
        segments = {}
        for path in (self.home / "landing" / "open").glob("*.ndjson"):
            with contextlib.suppress(FileNotFoundError):
                segments[path.name] = path.read_bytes().rpartition(b"\n")[0].splitlines()
        for path in sealed_segments(self.home / "landing"):
            segments[path.stem] = [line.content for line in read_lines(path)]
        return [msgspec.json.decode(line, type=Landed) for name in sorted(segments) for line in segments[name]]

    def events(self) -> list[LandedEvent]:
        return [item for item in self.landed() if isinstance(item, LandedEvent)]

    def rejects(self) -> list[LandedReject]:
        return [item for item in self.landed() if isinstance(item, LandedReject)]

    def log(self) -> str:
        return (self.home / "collector.log").read_text()

    def stop(self) -> int:
        """Stop it in peace and return its exit status."""
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        """Kill all its processes at once, and recover what they left."""
        workers = self.workers()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        wait_until(lambda: not any(map(is_alive, workers)))
        recover(self.home / "landing")


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds, and fail if it does not come to."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    """Find a port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(collector: RunningCollector, path: str = "/readyz") -> bool:
    """Whether it serves."""
    assert collector.process.poll() is None, collector.log()
    try:
        return collector.client.get(path).status_code == 200
    except httpx.TransportError:
        return False


def is_alive(pid: int) -> bool:
    """Whether a process still holds anything; one that only waits to be noticed does not.

    A thread that a kill finds in fsync goes later than its process, and holds the files until then.
    """
    try:
        is_zombie = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return not is_zombie or len(os.listdir(f"/proc/{pid}/task")) > 1
    except FileNotFoundError:
        return False
