"""One collector process: serves on the shared socket until it is asked to stop or its parent is gone."""

import asyncio
import os
import re
import resource
import signal
import socket
from collections.abc import Callable
from functools import partial

import uvloop

from ingestion.collector.http.app import Collector
from ingestion.collector.http.counters import Row
from ingestion.collector.http.server import serve
from ingestion.collector.registry import Registry
from ingestion.landing.segment import Segment
from ingestion.landing.writer import SegmentWriter
from runtime.settings import Settings


def run(
    settings: Settings,
    number: int,
    process_count: int,
    listener: socket.socket,
    parent_alive: int,
    hand_over: Callable[[Segment], bool],
    counts: Row,
) -> None:
    """Serve until SIGTERM, or until the pipe `parent_alive` ends; then hand over or seal segments, and return."""
    # Each connection takes a descriptor, and many systems begin with 1,024.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    collector_id = f"{re.sub(r'[^A-Za-z0-9_-]', '-', socket.gethostname())[:40]}-{number}"
    make_writer = partial(
        SegmentWriter,
        settings.landing,
        collector_id,
        settings.segment_bytes,
        settings.segment_seconds,
        hand_over=hand_over,
    )
    registry = Registry(settings.site_registry)
    collector = Collector(registry, make_writer, counts, collector_id, settings, process_count)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(collector, listener, parent_alive))


async def _serve(collector: Collector, listener: socket.socket, parent_alive: int) -> None:
    def stop() -> None:
        loop.remove_reader(parent_alive)
        os.close(parent_alive)
        stopping.set()

    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    # A signal that came earlier is delivered now.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    loop.add_reader(parent_alive, stop)
    async with collector:
        await serve(collector.respond, listener, stopping)
