"""The collector, with fsync before every 202, against an app that reads the body and answers: a core for each side.

The collector's parent seals finished segments on the core of the load generator, which is idle most of the time.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import psutil

from bench.figure import Figure, Target
from bench.processes import pinned, running
from bench.requests.burst import Burst, burst
from bench.scene import Scene
from footfall.simulator.traffic import generate
from ingestion.landing.drain import drain
from runtime import ports
from warehouse.access.sites import rotate_key, write_registry

SITE = "shop"
_LIMITS = {"p99_ms": 25.0, "peak_memory_mb": 60.0}
TARGETS = {
    # 60 % of the requests a second of the bare app.
    1: Target(at_most=1 / 0.6, at_most_of=_LIMITS, at_least_of={"requests_per_second": 15_000}),
    # 150,000 events a second on a machine where the bare app answers 45,000 requests.
    20: Target(at_most=45_000 / (150_000 / 20), at_most_of=_LIMITS, at_least_of={"events_per_second": 120_000}),
}
"""Events in a request → target."""
ACCEPTED = b'"rejected":0,"errors":[]}'
WARM_UP = 500
SEAL_SECONDS = 60
_UNIQUE = "########"


class _Server(NamedTuple):
    port: int
    serving: psutil.Process
    parent: psutil.Process


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing: collected events lie in a separate folder."""
    cores = sorted(os.sched_getaffinity(0))
    with TemporaryDirectory(dir=scene.installation.settings.home) as folder:
        home = Path(folder)
        with scene.installation.engine.begin() as connection:
            key = rotate_key(connection, SITE)
            write_registry(connection, home / "sites.json")
        with _collector(home, cores[-1], cores[0]) as ours, _bare(home, cores[-1]) as bare, pinned(cores[0]):
            for size, target in TARGETS.items():
                yield _compare(scene, home, ours, bare, _request(scene, key, size), size, target)


def _compare(
    scene: Scene, home: Path, ours: _Server, bare: _Server, request: bytes, size: int, target: Target
) -> Figure:
    count = scene.events // 20
    for server in (ours, bare):
        _burst(server, request, min(count, WARM_UP))
    _seal_all(home)
    spent = _cpu_seconds(ours.serving), _cpu_seconds(bare.serving), _cpu_seconds(ours.parent)
    measured, reference = [], []
    for _ in range(scene.repeats):
        measured.append(_burst(ours, request, count))
        reference.append(_burst(bare, request, count))
    _seal_all(home)
    now = _cpu_seconds(ours.serving), _cpu_seconds(bare.serving), _cpu_seconds(ours.parent)
    cpu_microseconds = [
        round((end - start) / count / scene.repeats * 1e6) for start, end in zip(spent, now, strict=True)
    ]
    rate = count / median(each.seconds for each in measured)
    percentiles = quantiles((taken for each in measured for taken in each.latencies), n=100)
    details = {
        "requests_per_second": round(rate),
        "events_per_second": round(rate * size),
        "p50_ms": round(percentiles[49] * 1000, 1),
        "p99_ms": round(percentiles[98] * 1000, 1),
        "peak_memory_mb": round(_peak_memory(ours) / 1e6),
        "cpu_microseconds_per_request": cpu_microseconds[0],
        "cpu_microseconds_of_the_other": cpu_microseconds[1],
        "cpu_microseconds_of_sealing": cpu_microseconds[2],
        "generator_busy_percent": round(100 * max(each.busy_share for each in [*measured, *reference])),
        "bytes_per_request": len(request),
    }
    return Figure(
        f"{count:,} requests of {size} event{'s' if size > 1 else ''} to the collector",
        "an app that reads the body and answers",
        target,
        tuple(each.seconds for each in measured),
        tuple(each.seconds for each in reference),
        details,
    )


def _burst(server: _Server, request: bytes, count: int) -> Burst:
    """Every event has an id of its own, which differs between bursts, too."""
    first = time.time_ns() // 1000
    unique = (f"{(first + number) & 0xFFFFFFFF:08x}".encode() for number in range(count))
    return burst(server.port, (request.replace(_UNIQUE.encode(), each) for each in unique), ACCEPTED)


def _request(scene: Scene, key: str, size: int) -> bytes:
    """Return a request, except for the part that makes each event's id unique."""
    sent = [each.event for each in generate(1, 40 * size, 1, scene.day) if each.site == SITE][:size]
    events = [event | {"event_id": f"{_UNIQUE}-0000-4000-8000-{number:012x}"} for number, event in enumerate(sent)]
    body = msgspec.json.encode({"events": events})
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
        "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _collector(home: Path, core: int, other_core: int) -> Iterator[_Server]:
    port = ports.claim(home / "collector.port", 0)
    own = {
        "FOOTFALL_HOME": str(home),
        "FOOTFALL_COLLECTOR_PORT": str(port),
        "FOOTFALL_COLLECTOR_PROCESSES": "1",
        # Counted, but never reached.
        "FOOTFALL_COLLECTOR_RATE_PER_KEY": "1000000",
        "FOOTFALL_COLLECTOR_RATE_PER_ADDRESS": "1000000",
    }
    with running(["ingestion.collector"], own, port, core, home / "collector.log") as parent:
        (worker,) = parent.children()
        parent.cpu_affinity([other_core])
        yield _Server(port, worker, parent)


@contextmanager
def _bare(home: Path, core: int) -> Iterator[_Server]:
    port = ports.claim(home / "bare.port", 0)
    with running(["bench.bare", str(port)], {}, port, core, home / "bare.log") as process:
        yield _Server(port, process, process)


def _seal_all(home: Path) -> None:
    if not drain(home / "landing", SEAL_SECONDS):
        raise RuntimeError("the collector does not seal what it has landed")


def _cpu_seconds(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return spent.user + spent.system


def _peak_memory(server: _Server) -> int:
    """Return the largest number of bytes it held in memory, shared pages included."""
    status = Path(f"/proc/{server.serving.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
