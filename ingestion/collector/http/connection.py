"""One client's connection: HTTP/1.1 read by httptools, one request answered after the other. Knows no paths.

It bounds the cost of a client: the size of a head and the time for it, the bytes of a body that wait unread, and the
answers that the client does not read.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import httptools

from ingestion.collector.http.answer import Answer
from ingestion.collector.http.request import DisconnectedError, Request

HEAD_SECONDS = 10.0
IDLE_SECONDS = 5.0
MAX_HEAD_BYTES = 64 * 1024
_MAX_UNASKED_BYTES = 64 * 1024
_NO_HTTP = Answer(400, b"Invalid HTTP request received.", [(b"content-type", b"text/plain; charset=utf-8")])

Respond = Callable[[Request], Awaitable[Answer]]
"""Makes the answer to a request. It may raise DisconnectedError."""


class Connection(asyncio.Protocol):
    """One connection. It stays in the set of open connections while it is open."""

    _transport: asyncio.Transport
    _serving: "asyncio.Task[None]"

    def __init__(self, respond: Respond, connections: "set[Connection]") -> None:
        self._respond, self._connections = respond, connections
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        # Bytes after a request that asks to close are ignored, and are no reason to refuse that request.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._requests: deque[Request] = deque()
        """The request that is being answered, and those that came before its answer."""
        self._rest: asyncio.Future[None] | None = None
        """Set when the next request comes."""
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._peer = ""
        self._head_bytes = 0
        self._begin_head()

    def close_if_late(self, now: float) -> None:
        """Hang up on a client that sends its head too slowly or is silent too long. Call it regularly."""
        if now > self._deadline:
            self._transport.abort() if self._in_head else self._transport.close()

    def finish(self) -> None:
        """Hang up, after the answer if a request is under way."""
        if self._requests:
            self._requests[0].keep_alive = False
        else:
            self._transport.close()

    def abort(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    # What the event loop calls --------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """A new client: its first request begins."""
        self._transport = transport
        if peer := transport.get_extra_info("peername"):
            self._peer = peer[0].partition("%")[0].removeprefix("::ffff:")
        self._connections.add(self)
        self._serving = self._loop.create_task(self._serve())

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._connections.discard(self)
        self._may_write.set()
        if self._rest:
            self._rest.cancel()
        for request in self._requests:
            request.cut_off()
        del self._parser  # It refers to this connection.

    def data_received(self, data: bytes) -> None:
        """Bytes of one or more requests."""
        if self._in_head:
            # The first bytes of a body may be counted as part of it.
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # This request is answered like any other, and is the last.
        except httptools.HttpParserError:
            self._transport.write(_NO_HTTP.encode(is_last=True))
            self._transport.close()
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._transport.abort()

    def pause_writing(self) -> None:
        """The client does not read its answers."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """The client reads its answers again."""
        self._may_write.set()

    # What the parser calls ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins; nearly always its head is whole at once."""
        self._begin_head()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole; the body has limits of its own."""
        self._in_head, self._head_bytes, self._deadline = False, 0, math.inf
        url, parser = httptools.parse_url(self._url), self._parser
        self._requests.append(
            Request(
                parser.get_method().decode(),
                unquote(url.path.decode("ascii")),
                url.query or b"",
                self._headers,
                self._peer,
                parser.get_http_version() == "1.1" and parser.should_keep_alive() and not parser.should_upgrade(),
                self._want_body,
            )
        )
        if self._rest:
            self._rest.set_result(None)
            self._rest = None
        else:
            self._transport.pause_reading()

    def on_body(self, part: bytes) -> None:
        """A part of the body of the request that came last."""
        if self._requests[-1].feed(part) > _MAX_UNASKED_BYTES:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The request that came last is whole."""
        self._requests[-1].end()

    # ----------------------------------------------------------------------------------------------------------

    def _begin_head(self) -> None:
        self._url, self._headers = b"", list[tuple[bytes, bytes]]()
        self._in_head, self._deadline = True, self._loop.time() + HEAD_SECONDS

    def _want_body(self, expects_continue: bool) -> None:
        if expects_continue:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._transport.resume_reading()

    async def _serve(self) -> None:
        """Answer one request after the other. A task for each request would take 2 µs more."""
        while not self._transport.is_closing():
            if not self._requests:
                self._rest = self._loop.create_future()
                await self._rest
            request = self._requests[0]
            try:
                answer = await self._respond(request)
            except DisconnectedError:
                return
            if self._transport.is_closing():
                return
            is_last = not (request.keep_alive and request.is_read)
            self._transport.write(answer.encode(is_last, is_head=request.method == "HEAD"))
            if is_last:
                await request.linger()
                self._transport.close()
                return
            if not self._may_write.is_set():
                await self._may_write.wait()
            self._requests.popleft()
            if not self._requests:
                self._deadline = self._loop.time() + IDLE_SECONDS
                self._transport.resume_reading()
