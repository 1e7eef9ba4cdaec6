"""Serve HTTP on a listening socket until asked to stop. Knows no paths."""

import asyncio
import socket
from typing import Any

from ingestion.collector.http.connection import Connection, Respond

BACKLOG = 2048
_GRACE_SECONDS = 12.0
_LOOK_SECONDS = 1.0


async def serve(respond: Respond, listener: socket.socket, stopping: asyncio.Event) -> None:
    """Answer requests until `stopping` is set; then finish open requests, or give them up after a while."""
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report)
    server = await loop.create_server(lambda: Connection(respond, connections), sock=listener, backlog=BACKLOG)
    looking = loop.create_task(_close_late(connections))
    await stopping.wait()
    looking.cancel()
    server.close()
    for connection in list(connections):
        connection.finish()
    deadline = loop.time() + _GRACE_SECONDS
    while connections and loop.time() < deadline:
        await asyncio.sleep(0.02)
    for connection in list(connections):
        connection.abort()


async def _close_late(connections: set[Connection]) -> None:
    """Close late connections at intervals: looking at all of them costs less than a timer for each request."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = loop.time()
        for connection in list(connections):
            connection.close_if_late(now)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong, but not that a client went away."""
    if not ("transport" in context and isinstance(context.get("exception"), OSError)):
        loop.default_exception_handler(context)
