"""Read the head of a request. What two programs could read in two ways is refused. Knows no connections.

The head alone is given to httptools, so that nothing that it says about the body (`Upgrade`, for one) changes where the
body ends.
"""

import re
from functools import lru_cache
from urllib.parse import unquote

import httptools
import msgspec

from ingestion.collector.http.answer import Headers

HEAD_END = b"\r\n\r\n"
MAX_HEAD_BYTES = 64 * 1024
_SHORT = 200
_BEGINNING = re.compile(rb"\r\Z|[A-Z-]{1,32}(?: |\Z)")
_BARE_LINE_END = re.compile(rb"(?<!\r)\n")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


class BadRequestError(Exception):
    """The bytes are no request of HTTP/1.1, or one with two readings."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """What a head says."""

    method: str
    path: str
    query: bytes
    headers: Headers
    """In the order in which they came, with names in lower case."""
    fields: dict[bytes, bytes]
    """The last value of each header."""
    keep_alive: bool
    """Whether another request may follow."""
    body_length: int | None
    """Number of bytes of the body; None: it comes in chunks."""


class _Heard:
    """What httptools says of one head."""

    def __init__(self) -> None:
        self.headers: Headers = []
        self.heads, self.ends = 0, 0

    def on_message_begin(self) -> None:
        self.heads += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        # Blanks after a value are none of it (RFC 9112 5.1); httptools leaves them there.
        self.headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self.ends += 1


def could_begin_head(content: bytes | bytearray, searched: int) -> bool:
    """Whether bytes that hold no whole head may become one; before `searched` their line ends were looked at.

    So a client that speaks something else is answered at once.
    """
    return bool(_BEGINNING.match(content)) and not _BARE_LINE_END.search(content, searched)


def read_head(content: bytes) -> Head:
    """Read a head, from its first byte to the empty line at its end.

    Raises:
        BadRequestError: it is none, or ends elsewhere for another reader.
    """
    heard = _Heard()
    try:
        httptools.HttpRequestParser(heard).feed_data(content)
    except httptools.HttpParserUpgrade:
        pass  # It is ignored, as RFC 9110 7.8 allows: the request is answered like any other.
    except httptools.HttpParserError:
        raise BadRequestError from None
    line = content[: content.index(b"\r\n")].split(b" ")
    if (heard.heads, heard.ends, len(line)) != (1, 1, 3):
        raise BadRequestError
    method, target, version = line
    headers = heard.headers
    fields = dict(headers)
    _require_host(version, headers, fields)
    path, query = _short_target(target) if len(target) <= _SHORT else _target(target)
    keep_alive = version == b"HTTP/1.1" and not _closes(headers, fields)
    return Head(method.decode(), path, query, headers, fields, keep_alive, _body_length(version, headers, fields))


def _require_host(version: bytes, headers: Headers, fields: dict[bytes, bytes]) -> None:
    """Require one host and no other (RFC 9112 3.2). Clients of HTTP/1.0 may name none."""
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise BadRequestError
    host = fields.get(b"host")
    if host is None:
        if version == b"HTTP/1.1":
            raise BadRequestError
    elif _count(b"host", headers, fields) > 1 or not (_is_short_host if len(host) <= _SHORT else _is_host)(host):
        raise BadRequestError


def _is_host(text: bytes) -> bool:
    return bool(_HOST.fullmatch(text))


def _body_length(version: bytes, headers: Headers, fields: dict[bytes, bytes]) -> int | None:
    length = fields.get(b"content-length")
    if b"transfer-encoding" in fields:
        is_alone = length is None and _count(b"transfer-encoding", headers, fields) == 1
        if fields[b"transfer-encoding"].lower() != b"chunked" or version != b"HTTP/1.1" or not is_alone:
            raise BadRequestError
        return None
    if length is None:
        return 0
    if not length.isdigit() or len(length) > 18 or _count(b"content-length", headers, fields) > 1:
        raise BadRequestError
    return int(length)


def _closes(headers: Headers, fields: dict[bytes, bytes]) -> bool:
    if b"connection" not in fields:
        return False
    options = b",".join(value for name, value in headers if name == b"connection")
    return b"close" in (option.strip() for option in options.lower().split(b","))


def _count(name: bytes, headers: Headers, fields: dict[bytes, bytes]) -> int:
    return 1 if len(headers) == len(fields) else sum(each == name for each, _ in headers)


def _target(url: bytes) -> tuple[str, bytes]:
    """Return the path and the query of a request's target, which may be a whole address."""
    if url == b"*":
        return "*", b""
    try:
        parsed = httptools.parse_url(url)
        return unquote((parsed.path or b"/").decode("ascii")), parsed.query or b""
    except (httptools.HttpParserInvalidURLError, UnicodeDecodeError):
        raise BadRequestError from None


# Most clients ask for the same few.
_is_short_host = lru_cache(maxsize=1000)(_is_host)
_short_target = lru_cache(maxsize=1000)(_target)
