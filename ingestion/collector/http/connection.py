"""One client's connection: HTTP/1.1, one request answered after the other. Knows no paths.

It takes apart what arrives (heads by `head`, bodies by their length or by `chunks`) and bounds what a client costs: the
size of a head and the time for it, each byte of a body and around it, the bytes that wait unread, and the answers that
the client does not read.
"""

import asyncio
import contextlib
import math
import re
from collections.abc import Awaitable, Callable
from typing import Any

from ingestion.collector.http.answer import Answer
from ingestion.collector.http.chunks import Chunks, TooMuchFramingError
from ingestion.collector.http.head import HEAD_END, MAX_HEAD_BYTES, BadRequestError, Head, could_begin_head, read_head
from ingestion.collector.http.request import MAX_BODY_BYTES, DisconnectedError, Request

HEAD_SECONDS = 10.0
IDLE_SECONDS = 5.0
LINGER_SECONDS = 1.0
MAX_DROPPED_BYTES = 4 * MAX_BODY_BYTES
"""The rest of a body that was refused unread is dropped if it is no longer than this."""
_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
_MAX_UNASKED_BYTES = 64 * 1024
_PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]
_NO_HTTP = Answer(400, b"Invalid HTTP request received.", _PLAIN)
_CUT_OFF = Answer(400, b"The connection ended before the request did.", _PLAIN)
_LONG_HEAD = Answer(431, b"The head of a request has at most 64 KiB.", _PLAIN)

Respond = Callable[[Request], Awaitable[Answer]]
"""Makes the answer to a request. It may raise DisconnectedError."""


class Connection(asyncio.Protocol):
    """One connection. It stays in the set of open connections while it is open."""

    _transport: asyncio.Transport
    _serving: "asyncio.Task[None]"

    def __init__(self, respond: Respond, connections: "set[Connection]") -> None:
        self._respond, self._connections = respond, connections
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        """What has arrived and is not taken apart yet."""
        self._searched, self._blank = 0, 0
        """Bytes in front of it that hold no end of a head; bytes of empty lines before the head."""
        self._request: Request | None = None
        """The request that is being read and answered."""
        self._body: Chunks | int = 0
        """What is left of its body: chunks, or bytes."""
        self._refusal: Answer | None = None
        """The last answer, to what is no request."""
        self._next: asyncio.Future[None] | None = None
        """Set when there is something to answer."""
        self._dropping: int | None = None
        """After the last answer: bytes that are still taken, and dropped."""
        self._dropped = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._has_ended = False
        """Whether the client sends no more. It may wait for its answers."""
        self._is_lost = False
        self._peer = ""
        self._in_head, self._deadline = True, self._loop.time() + HEAD_SECONDS

    def close_if_late(self, now: float) -> None:
        """Hang up on a client that sends its head too slowly, reads no answer or is silent too long.

        Call it regularly.
        """
        if now > self._deadline:
            is_idle = not self._in_head and self._may_write.is_set() and not self._transport.is_closing()
            self._transport.close() if is_idle else self._transport.abort()

    def finish(self) -> None:
        """Hang up, after the answer if a request is under way."""
        if self._request:
            self._request.keep_alive = False
        elif self._dropping is None:
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
        self._is_lost = True
        self._connections.discard(self)
        self._may_write.set()
        self._dropped.set()
        if self._next:
            self._next.cancel()
        if self._request:
            self._request.cut_off()

    def data_received(self, data: bytes) -> None:
        """Bytes of one or more requests, or of what is left of a refused one."""
        if self._dropping is not None:
            self._drop(len(data))
            return
        if self._refusal:
            return
        if self._request is None and not (self._received or self._blank):
            data = self._take_at_once(data)
        if data:
            self._received += data
            self._take_apart()

    def eof_received(self) -> bool:
        """The client sends no more, and may still read: it gets the answers to what it has sent."""
        self._has_ended = True
        if self._dropping is not None:
            self._dropped.set()
        elif self._request:
            self._cut_off_if_ended()
        elif self._received:
            self._refuse(_CUT_OFF)
        else:
            return False
        return True

    def pause_writing(self) -> None:
        """The client does not read its answers."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """The client reads its answers again."""
        self._may_write.set()

    # Reading --------------------------------------------------------------------------------------------------

    def _take_apart(self) -> None:
        """Take apart what has arrived, as far as one request: the next one waits for the answer."""
        try:
            if self._request is None:
                self._take_head()
            if self._request and not self._request.is_read:
                self._take_body(self._request)
        except BadRequestError:
            self._refuse(_NO_HTTP)
            return
        if self._request and self._received and self._request.is_read:
            self._transport.pause_reading()

    def _take_head(self) -> None:
        received = self._received
        if empty := _end_of_match(_EMPTY_LINES, received):
            del received[:empty]
            self._blank += empty
        end = received.find(HEAD_END, self._searched)
        length = end + len(HEAD_END) if end >= 0 else len(received)
        if self._blank + length > MAX_HEAD_BYTES:
            self._refuse(_LONG_HEAD)
        elif end >= 0:
            head = read_head(bytes(received[:length]))
            del received[:length]
            self._begin(head)
        elif received:
            if not could_begin_head(received, self._searched):
                raise BadRequestError
            self._searched = max(0, len(received) - len(HEAD_END) + 1)
            if not self._in_head:
                self._in_head, self._deadline = True, self._loop.time() + HEAD_SECONDS

    def _take_at_once(self, data: bytes) -> bytes:
        """Take a request that is there in one piece, as nearly all are, and return what is left: copies cost 1 µs."""
        end = data.find(HEAD_END) + len(HEAD_END)
        if not len(HEAD_END) <= end <= MAX_HEAD_BYTES or data.startswith(b"\r\n"):
            return data
        try:
            head = read_head(data[:end])
        except BadRequestError:
            self._refuse(_NO_HTTP)
            return b""
        request = self._begin(head)
        if not head.body_length or len(data) < end + head.body_length:
            return data[end:]
        request.feed(data[end : end + head.body_length])
        request.end()
        self._body = 0
        return data[end + head.body_length :]

    def _begin(self, head: Head) -> Request:
        self._searched = self._blank = 0
        self._in_head, self._deadline = False, math.inf
        self._body = Chunks() if head.body_length is None else head.body_length
        self._request = request = Request(head, self._peer, self._want_body)
        self._wake()
        return request

    def _take_body(self, request: Request) -> None:
        received, body = self._received, self._body
        if isinstance(body, Chunks):
            try:
                part, is_whole = body.take(received), body.is_whole
            except TooMuchFramingError:
                self._transport.pause_reading()
                request.overflow()
                return
        else:
            part = bytes(received[:body])
            del received[: len(part)]
            self._body = body - len(part)
            is_whole = not self._body
        if part and request.feed(part) > _MAX_UNASKED_BYTES:
            self._transport.pause_reading()
        if is_whole:
            request.end()

    def _want_body(self, expects_continue: bool) -> None:
        if expects_continue:
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._resume_reading()

    def _resume_reading(self) -> None:
        if not (self._has_ended or self._is_lost or self._transport.is_closing()):
            self._transport.resume_reading()

    def _cut_off_if_ended(self) -> None:
        if self._has_ended and self._request and not self._request.is_read:
            self._request.cut_off()

    def _drop(self, length: int) -> None:
        assert self._dropping is not None
        self._dropping -= length
        if self._dropping <= 0:
            self._transport.pause_reading()
            self._dropped.set()

    # Answering ------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Answer one request after the other. A task for each request would take 2 µs more."""
        while not self._is_lost:
            if not (self._request or self._refusal):
                self._next = self._loop.create_future()
                await self._next
            request, is_last, is_head = self._request, True, False
            try:
                if request is None:
                    raise DisconnectedError
                answer = await self._respond(request)
                is_last, is_head = not (request.keep_alive and request.is_read), request.method == "HEAD"
            except DisconnectedError:
                answer = self._refusal or _CUT_OFF
            self._write(answer.encode(is_last, is_head))
            if is_last:
                await self._end()
                return
            if not self._may_write.is_set():
                self._deadline = self._loop.time() + HEAD_SECONDS
                await self._may_write.wait()
            if not self._is_lost:
                self._begin_next()

    def _begin_next(self) -> None:
        self._request, self._deadline = None, self._loop.time() + IDLE_SECONDS
        self._resume_reading()
        if self._received:
            self._take_apart()
            self._cut_off_if_ended()
        if self._has_ended and not (self._request or self._refusal):
            self._refuse(_CUT_OFF) if self._received else self._transport.close()

    def _refuse(self, answer: Answer) -> None:
        """Give up on what the client sends: what was asked before is answered, then this, and nothing more is read."""
        self._refusal, self._in_head, self._deadline = answer, False, math.inf
        self._received.clear()
        self._transport.pause_reading()
        if self._request:
            self._request.cut_off()
        self._wake()

    async def _end(self) -> None:
        """Hang up. If the client still sends its body, drop the rest, or it would lose the answer."""
        is_read = self._request is not None and self._request.is_read
        self._dropping, self._deadline = self._left_to_drop(), self._loop.time() + HEAD_SECONDS
        self._request, self._body = None, 0
        self._received.clear()
        if self._is_lost or self._transport.is_closing():
            return
        if not is_read:
            with contextlib.suppress(OSError):  # The client is gone.
                self._transport.write_eof()
            if self._dropping:
                self._resume_reading()
            else:
                self._transport.pause_reading()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._has_ended else LINGER_SECONDS):
                    await self._dropped.wait()
        self._transport.close()

    def _left_to_drop(self) -> int:
        """Return how much of the body a well-meaning client has still to send; 0 for any other."""
        if self._request is None or self._request.is_read or self._refusal:
            return 0
        left = MAX_BODY_BYTES if isinstance(self._body, Chunks) else self._body
        return left if left <= MAX_DROPPED_BYTES else 0

    def _write(self, content: bytes) -> None:
        if not (self._is_lost or self._transport.is_closing()):
            self._transport.write(content)

    def _wake(self) -> None:
        if self._next:
            self._next.set_result(None)
            self._next = None


def _end_of_match(pattern: re.Pattern[bytes], content: bytearray) -> int:
    """Return where a match at the beginning ends. The match itself would keep the bytes from being removed."""
    found = pattern.match(content)
    return found.end() if found else 0
