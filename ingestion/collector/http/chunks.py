"""Take a body that comes in chunks apart, strictly, and count each byte of it. Knows no connections."""

import re
from collections.abc import Callable

from ingestion.collector.http.head import BadRequestError

MAX_FRAMING_BYTES = 16 * 1024
"""Sizes, extensions, trailers and line ends of one body. A whole MiB has room in chunks of half a KiB."""
_TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;%b)?" % _TEXT)
_TRAILER = re.compile(rb"[!#$%%&'*+.^_`|~0-9A-Za-z-]+:%b" % _TEXT)


class TooMuchFramingError(Exception):
    """What is around the chunks is more than any client needs."""


class Chunks:
    """One body (RFC 9112 7.1). Extensions and trailers are checked and dropped."""

    def __init__(self) -> None:
        self.is_whole = False
        self._left = 0
        """Bytes to come of the chunk that is being read."""
        self._read_line: Callable[[Chunks, bytes], None] = Chunks._size
        """Reads the line that is next."""
        self._framing = 0

    def take(self, received: bytearray) -> bytes:
        """Take as much as there is from the front of `received`, and return the part of the body in it.

        Raises:
            BadRequestError: it is not chunked as it should be.
            TooMuchFramingError: there are more than `MAX_FRAMING_BYTES` around the chunks.
        """
        parts = []
        while received and not self.is_whole:
            if self._left:
                part = bytes(received[: self._left])
                parts.append(part)
                self._left -= len(part)
                del received[: len(part)]
            elif (line := self._line(received)) is not None:
                self._read_line(self, line)
            else:
                break
        return b"".join(parts)

    def _line(self, received: bytearray) -> bytes | None:
        """Take the next line, without its end; None: it is not whole yet."""
        end = received.find(b"\n", 0, MAX_FRAMING_BYTES)
        if self._framing + (end + 1 or len(received)) > MAX_FRAMING_BYTES:
            raise TooMuchFramingError
        if end < 0:
            return None
        line = bytes(received[: end + 1])
        if not line.endswith(b"\r\n"):
            raise BadRequestError
        del received[: end + 1]
        self._framing += len(line)
        return line[:-2]

    def _size(self, line: bytes) -> None:
        found = _SIZE.fullmatch(line)
        if not found:
            raise BadRequestError
        self._left = int(found[1], 16)
        self._read_line = Chunks._end if self._left else Chunks._trailer

    def _end(self, line: bytes) -> None:
        if line:
            raise BadRequestError
        self._read_line = Chunks._size

    def _trailer(self, line: bytes) -> None:
        if not line:
            self.is_whole = True
        elif not _TRAILER.fullmatch(line):
            raise BadRequestError
