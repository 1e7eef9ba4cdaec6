"""uvicorn's HTTP protocol with two limits it lacks, how long and how large the head of a request may be: its fence.

Without it a few clients that drip their headers, or never end them, would hold every connection and fill the memory.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MAX_HEAD_BYTES = 64 * 1024


class LimitedProtocol(HttpToolsProtocol):
    """Hangs up on a client that drips its headers or never ends them."""

    _head_bytes = 0
    _in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A new client: its first request begins."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head (the first bytes of a body may count with it)."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head:
            self._await_head()
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """A request on a connection that was idle begins; nearly always its head is whole at once."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is whole; the body has limits of its own."""
        self._forget_head()
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _forget_head(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
