"""One collector process: uvicorn on the shared socket until it is told to stop or its parent is gone."""

import asyncio
import os
import re
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from ingestion.collector.http.app import Collector
from ingestion.collector.http.counters import Row
from ingestion.collector.http.protocol import LimitedProtocol
from ingestion.collector.registry import Registry
from ingestion.landing.writer import SegmentWriter
from runtime.settings import Settings

_GRACE_SECONDS = 12
_BACKLOG = 2048


def run(
    settings: Settings, number: int, process_count: int, listener: socket.socket, parent_alive: int, counts: Row
) -> None:
    """Serve until SIGTERM, or until the pipe `parent_alive` ends; then finish, seal and return."""
    collector_id = f"{re.sub(r'[^A-Za-z0-9_-]', '-', socket.gethostname())[:40]}-{number}"
    make_writer = partial(
        SegmentWriter, settings.landing, collector_id, settings.segment_bytes, settings.segment_seconds
    )
    registry = Registry(settings.site_registry)
    server = make_server(Collector(registry, make_writer, counts, collector_id, settings, process_count))
    # uvicorn has handlers of its own while it serves, and raises the signal again once it has stopped:
    # stopping as asked is no failure.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: setattr(server, "should_exit", True))
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, parent_alive))


def make_server(app: Callable[..., Any]) -> uvicorn.Server:
    """uvicorn as the collector wants it, for an ASGI application."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=LimitedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


async def _serve(server: uvicorn.Server, listener: socket.socket, parent_alive: int) -> None:
    def stop() -> None:
        loop.remove_reader(parent_alive)
        os.close(parent_alive)
        server.should_exit = True

    loop = asyncio.get_running_loop()
    loop.add_reader(parent_alive, stop)
    await server.serve(sockets=[listener])
