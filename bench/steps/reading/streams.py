"""A thousand live streams on one core: what they cost, and how soon after its post an event has reached each of them.

The server of the streams has a core for itself; collector, follower, PostgreSQL and those who listen have the other.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median, quantiles

import httpx
import psutil
import uvloop

from bench.figure import Figure, Target
from bench.processes import environment_of, pinned, running, serving
from bench.scene import Scene
from footfall.pipeline.installation import Installation
from runtime import ports
from runtime.settings import PROJECT
from serving.api.answer import read_questions
from warehouse.access.sites import rotate_key, write_registry
from warehouse.access.tokens import add_token

SITE = "shop"
STREAMS, TOKENS, EVENTS = 1000, 5, 30
"""Streams in all, the tokens to which they belong, and events, one each second."""
SETTLING_SECONDS = 5
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
_EVENT = re.compile(rb'"event_id":"([^"]+)"')


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    cores = sorted(os.sched_getaffinity(0))
    with scene.anew() as installation:
        home = installation.settings.home
        read_questions(installation)
        with installation.engine.begin() as connection:
            key = rotate_key(connection, SITE)
            write_registry(connection, installation.settings.site_registry)
            tokens = [add_token(connection, f"watcher-{number}", sites=[SITE]).written for number in range(TOKENS)]
        collector = ports.claim(home / "bench-collector.port", 0)
        own = environment_of(installation) | {"FOOTFALL_COLLECTOR_PORT": str(collector)}
        with (
            running(["ingestion.collector"], own, collector, cores[0], home / "collector.log"),
            serving(installation, cores[-1]) as (port, process),
            pinned(cores[0]),
            _following(installation, own),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            yield runner.run(_watched(process, collector, key, port, tokens))


@contextmanager
def _following(installation: Installation, environment: dict[str, str]) -> Iterator[None]:
    with (installation.settings.home / "follower.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "footfall", "load", "--follow"],
            env={**os.environ, **environment},
            cwd=PROJECT,
            stdout=said,
            stderr=said,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _watched(process: psutil.Process, collector: int, key: str, serving: int, tokens: Sequence[str]) -> Figure:
    posted: dict[bytes, float] = {}
    took: list[float] = []
    readers = []
    for _ in range(STREAMS // TOKENS):
        # One of each token at once: a token has a few requests at once, and a stream is one until it begins.
        readers += await asyncio.gather(*(_open(serving, token) for token in tokens))
    streams = [asyncio.create_task(_read(reader, posted, took)) for reader, _ in readers]
    await asyncio.sleep(SETTLING_SECONDS)
    spent, began = sum(process.cpu_times()[:2]), time.perf_counter()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{collector}", trust_env=False) as client:
        for number in range(EVENTS):
            event = {
                "event_id": str(uuid.uuid4()),
                "event_name": "page_viewed",
                "anonymous_id": f"visitor-{number}",
                "client_timestamp": datetime.now(UTC).isoformat(),
            }
            posted[event["event_id"].encode()] = time.perf_counter()
            answer = await client.post(
                "/v1/events",
                content=json.dumps({"events": [event]}),
                headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", "User-Agent": _BROWSER},
            )
            if answer.json()["accepted"] != 1:
                raise RuntimeError(f"the collector refuses the event: {answer.text}")
            await asyncio.sleep(began + number + 1 - time.perf_counter())
    spent, elapsed = sum(process.cpu_times()[:2]) - spent, time.perf_counter() - began
    await asyncio.sleep(SETTLING_SECONDS)
    ended = sum(stream.done() for stream in streams)
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    if len(took) < EVENTS:
        raise RuntimeError(f"{ended} streams ended, and the others got {len(took)} messages of {EVENTS} events")
    percentiles = quantiles(took, n=100)
    return Figure(
        f"an event a second to {STREAMS:,} live streams of {TOKENS} tokens",
        None,
        Target(seconds_at_most=2, at_most_of={"core_percent": 100, "missed": 0, "ended": 0}),
        (median(took),),
        details={
            "p99_ms": round(1000 * percentiles[98]),
            "core_percent": round(100 * spent / elapsed),
            "memory_mb": round(process.memory_info().rss / 1e6),
            "missed": STREAMS * EVENTS - len(took),
            "ended": ended,
        },
    )


async def _open(port: int, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a stream; it is open while its writer is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/v1/sites/{SITE}/live/stream"
    writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a stream is refused:\n{head.decode()}")
    return reader, writer


async def _read(reader: asyncio.StreamReader, posted: dict[bytes, float], took: list[float]) -> None:
    """Note how long each event took, until this is cancelled or the stream ends."""
    seen: set[bytes] = set()
    rest = b""
    while block := await reader.read(1 << 16):
        *lines, rest = (rest + block).split(b"\n")
        for event in _EVENT.findall(b"\n".join(lines)):
            if event in posted and event not in seen:
                seen.add(event)
                took.append(time.perf_counter() - posted[event])
