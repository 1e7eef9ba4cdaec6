"""Send requests at a steady pace, whether or not answers keep up, and note how late each answer was.

A request that waits for the one before it counts its wait: its time begins when it was due.
"""

import asyncio
import time
from collections.abc import Sequence

import uvloop

CONNECTIONS = 16
PATIENCE_SECONDS = 60


class PacedFailed(Exception):
    """An answer is missing, or has another status."""


def paced(port: int, requests: Sequence[bytes], per_second: float, status: bytes) -> list[float]:
    """Send these requests, so many a second, and return the seconds of each until its answer was whole.

    Raises:
        PacedFailed: an answer has another status, such as `200`, or takes too long.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_paced(port, requests, per_second, status))


async def _paced(port: int, requests: Sequence[bytes], per_second: float, status: bytes) -> list[float]:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    began = time.perf_counter() + 0.1
    due = iter([(began + number / per_second, request) for number, request in enumerate(requests)])
    taken: list[float] = []

    async def send_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for at, request in due:
            await asyncio.sleep(at - time.perf_counter())
            writer.write(request)
            await _answered(reader, status)
            taken.append(time.perf_counter() - at)
        writer.close()

    try:
        async with asyncio.timeout(len(requests) / per_second + PATIENCE_SECONDS):
            await asyncio.gather(*(send_all(*stream) for stream in streams))
    except (TimeoutError, asyncio.IncompleteReadError) as error:
        raise PacedFailed(f"an answer is missing: {error!r}") from error
    return taken


async def _answered(reader: asyncio.StreamReader, status: bytes) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 " + status):
        raise PacedFailed(head.decode())
    length = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b":0")
    await reader.readexactly(int(length.partition(b":")[2]))
