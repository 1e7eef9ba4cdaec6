"""Read one request: its headers, and its body within the limits. Decides nothing about events."""

import asyncio
import zlib
from collections.abc import Callable
from urllib.parse import parse_qsl

from ingestion.collector.http.answer import Headers, RefusalError
from ingestion.collector.http.head import Head

MAX_BODY_BYTES = 1024 * 1024
_CONTENT_TYPES = (b"application/json", b"text/plain")
_PRIVACY_SIGNALS = (b"dnt", b"sec-gpc")


class DisconnectedError(Exception):
    """The client hung up before its request was whole."""


class Request:
    """A request whose body may still be arriving."""

    def __init__(self, head: Head, peer: str, want_body: Callable[[bool], None]) -> None:
        self.method, self.path, self._query = head.method, head.path, head.query
        self.all_headers: Headers = head.headers
        self._headers = head.fields
        self.peer = peer
        """The address of the other end of the connection."""
        self.keep_alive = head.keep_alive
        """Whether another request may follow."""
        self.is_read = head.body_length == 0
        """Whether the whole body has arrived."""
        self._want_body = want_body
        self._body, self._length = bytearray(), 0
        self._arrival: asyncio.Event | None = None
        self._is_cut_off = False

    @property
    def origin(self) -> str | None:
        """The page the browser says the request comes from."""
        origin = self._headers.get(b"origin")
        return None if origin is None else origin.decode("latin-1")

    @property
    def asks_for_privacy(self) -> bool:
        """Whether the browser says Do Not Track or Global Privacy Control."""
        # Sent twice, or joined by a proxy, one that asks is enough.
        return any(
            value == b"1" or b"1" in [each.strip() for each in value.split(b",")]
            for name, value in self.all_headers
            if name in _PRIVACY_SIGNALS
        )

    def user_agent(self, max_bytes: int) -> str | None:
        """Return the User-Agent header, cut before any other step."""
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
        """Refuse a request that its headers alone rule out.

        Raises:
            RefusalError: type, encoding or announced length of the body is not accepted.
        """
        content_type = self._headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if content_type not in _CONTENT_TYPES:
            raise RefusalError("unsupported_content_type")
        if self._encoding() not in (b"", b"identity", b"gzip", b"x-gzip"):
            raise RefusalError("unsupported_encoding")
        length = self._headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > MAX_BODY_BYTES:
            raise RefusalError("too_large")

    async def arrive(self, seconds: float) -> None:
        """Wait until the body is whole, or already too large.

        Raises:
            RefusalError: it is too slow.
            DisconnectedError: it ended in the middle.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._arrive()
        except TimeoutError:
            raise RefusalError("too_slow") from None

    def body(self) -> bytes:
        """Return the body that has arrived, unpacked.

        Raises:
            RefusalError: it is too large or not what its encoding says.
        """
        if self._length > MAX_BODY_BYTES:
            raise RefusalError("too_large")
        return _unpack(self._body) if self._encoding().endswith(b"gzip") else bytes(self._body)

    def feed(self, part: bytes) -> int:
        """Take a part of the body as it arrives, and return how many bytes wait unread."""
        self._length += len(part)
        if self._length <= MAX_BODY_BYTES:
            self._body += part
        if self._arrival is None:
            return self._length
        self._arrival.set()
        return 0

    def end(self) -> None:
        """The body is whole."""
        self.is_read = True
        if self._arrival:
            self._arrival.set()

    def overflow(self) -> None:
        """More came than any body needs, and no more of it is read."""
        self._length = MAX_BODY_BYTES + 1
        if self._arrival:
            self._arrival.set()

    def cut_off(self) -> None:
        """No more comes."""
        self._is_cut_off = True
        if self._arrival:
            self._arrival.set()

    async def _arrive(self) -> None:
        self._arrival = asyncio.Event()
        self._want_body(self._headers.get(b"expect", b"").lower() == b"100-continue")
        while not self.is_read and self._length <= MAX_BODY_BYTES:
            if self._is_cut_off:
                raise DisconnectedError
            self._arrival.clear()
            await self._arrival.wait()

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
