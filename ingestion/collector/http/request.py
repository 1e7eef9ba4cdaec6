"""Read one request: its headers, and its body within the limits. Decides nothing about events."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from ingestion.collector.http.answer import RefusalError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BODY_BYTES = 1024 * 1024
_CONTENT_TYPES = (b"application/json", b"text/plain")
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 8 * MAX_BODY_BYTES


class DisconnectedError(Exception):
    """The client hung up before its request was whole."""


class Request:
    """A request whose body may be still on its way."""

    def __init__(self, scope: Message, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._query: bytes = scope["query_string"]
        self.all_headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._headers: dict[bytes, bytes] = dict(self.all_headers)
        self._client: tuple[str, int] | None = scope.get("client")
        self._receive = receive
        self.is_read = False
        """Whether the whole body has arrived."""

    @property
    def origin(self) -> str | None:
        """The page the browser says the request comes from."""
        origin = self._headers.get(b"origin")
        return None if origin is None else origin.decode("latin-1")

    @property
    def peer(self) -> str:
        """The address of the other end of the connection."""
        return self._client[0].partition("%")[0].removeprefix("::ffff:") if self._client else ""

    @property
    def asks_for_privacy(self) -> bool:
        """Whether the browser says Do Not Track or Global Privacy Control."""
        return self._headers.get(b"sec-gpc") == b"1" or self._headers.get(b"dnt") == b"1"

    def user_agent(self, max_bytes: int) -> str | None:
        """The client's name for itself, cut before anything else is done with it."""
        return self._headers.get(b"user-agent", b"")[:max_bytes].decode(errors="replace") or None

    def key(self) -> bytes | None:
        """The write key, from the Authorization header or the query."""
        scheme, _, key = self._headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer":
            return key.strip()
        try:
            return dict(parse_qsl(self._query, max_num_fields=20)).get(b"key")
        except ValueError:
            return None

    def check_head(self) -> None:
        """Refuse what the headers alone rule out.

        Raises:
            RefusalError: the type, the encoding or the announced length of the body.
        """
        content_type = self._headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if content_type not in _CONTENT_TYPES:
            raise RefusalError("unsupported_content_type")
        if self._encoding() not in (b"", b"identity", b"gzip", b"x-gzip"):
            raise RefusalError("unsupported_encoding")
        length = self._headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > MAX_BODY_BYTES:
            raise RefusalError("too_large")

    async def body(self, seconds: float) -> bytes:
        """Read the body, unpacked.

        Raises:
            RefusalError: it is too large, too slow or not what its encoding says.
            DisconnectedError: it ended in the middle.
        """
        try:
            async with asyncio.timeout(seconds):
                body = await self._read(MAX_BODY_BYTES)
        except TimeoutError:
            raise RefusalError("too_slow") from None
        if len(body) > MAX_BODY_BYTES:
            raise RefusalError("too_large")
        return _unpack(body) if self._encoding().endswith(b"gzip") else bytes(body)

    async def linger(self) -> None:
        """Read on for a moment, for nothing: closing at once would cost the client the answer."""
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._read(_LINGER_BYTES, keep=False)
        except (TimeoutError, DisconnectedError):
            pass

    async def _read(self, max_bytes: int, keep: bool = True) -> bytearray:
        body, length = bytearray(), 0
        while not self.is_read and length <= max_bytes:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise DisconnectedError
            length += len(message["body"])
            if keep:
                body += message["body"]
            self.is_read = not message["more_body"]
        return body

    def _encoding(self) -> bytes:
        return self._headers.get(b"content-encoding", b"").strip().lower()


def _unpack(body: bytes | bytearray) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise RefusalError("invalid_gzip") from None
    if len(content) > MAX_BODY_BYTES:
        raise RefusalError("too_large")
    if not unpacker.eof or unpacker.unused_data:
        raise RefusalError("invalid_gzip")
    return content
