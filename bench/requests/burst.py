"""Post requests over connections that stay open, each with one request on its way, and note how long each took.

Plain asyncio protocols: an HTTP client would be slower than the collector.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import uvloop

CONNECTIONS = 64
PATIENCE_SECONDS = 120


class Burst(NamedTuple):
    """The result: seconds in all and of each request, and the share of the time in which this process was busy."""

    seconds: float
    latencies: list[float]
    busy_share: float


class BurstFailed(Exception):
    """An answer is missing, or not the expected one."""


def burst(port: int, requests: Iterator[bytes], ends_with: bytes) -> Burst:
    """Send all requests; each answer must be 202 and end with `ends_with`.

    Raises:
        BurstFailed: an answer is another, or a connection was lost.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_burst(port, requests, ends_with))


async def _burst(port: int, requests: Iterator[bytes], ends_with: bytes) -> Burst:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    clients = [_Client(requests, ends_with, latencies.append, loop.create_future()) for _ in range(CONNECTIONS)]
    for client in clients:
        await loop.create_connection(lambda made=client: made, "127.0.0.1", port)  # type: ignore[misc]
    began, worked = time.perf_counter(), time.process_time()
    for client in clients:
        client.send_next()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    return Burst(took, latencies, (time.process_time() - worked) / took)


class _Client(asyncio.Protocol):
    """One connection: the next request leaves when the answer to the one before is whole."""

    _transport: Any

    def __init__(
        self,
        requests: Iterator[bytes],
        ends_with: bytes,
        note: Callable[[float], None],
        done: "asyncio.Future[None]",
    ) -> None:
        self._requests, self._ends_with, self._note, self.done = requests, ends_with, note, done
        self._answer = b""
        self._sent_at = 0.0

    def send_next(self) -> None:
        """Send the next request, or hang up when there is none."""
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def connection_made(self, transport: Any) -> None:
        """Send nothing yet: all connections begin together."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Note the answer once it is whole."""
        self._answer += data
        if not self._answer.endswith(b"}"):
            return
        if not (self._answer.startswith(b"HTTP/1.1 202 ") and self._answer.endswith(self._ends_with)):
            self._fail(self._answer.decode())
            return
        self._note(time.perf_counter() - self._sent_at)
        self._answer = b""
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail unless there was nothing left to send."""
        self._fail(f"the connection was lost: {exc}")

    def _fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(BurstFailed(reason))
