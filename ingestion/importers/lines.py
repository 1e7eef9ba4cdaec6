"""Read files line by line, plain or gzip, in bounded memory. Knows nothing of what a line means."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from runtime.errors import FootfallError

MAX_LINE_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ImporterError(FootfallError):
    """A file that cannot be read, or not to its end."""


class Line(NamedTuple):
    """One line without its line feed, cut if it is absurdly long."""

    number: int
    content: bytes


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, counted from 1.

    Raises:
        ImporterError: the file cannot be read; the lines before the damage have been yielded.
    """
    number = 0
    try:
        with _open(path) as file:
            while content := file.readline(MAX_LINE_BYTES):
                number += 1
                rest = content
                while len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
                    rest = file.readline(MAX_LINE_BYTES)
                if number == 1:
                    content = content.removeprefix(_BYTE_ORDER_MARK)
                yield Line(number, content.rstrip(b"\r\n"))
    except (OSError, EOFError, zlib.error) as error:
        raise ImporterError(
            f"{path}: unreadable after line {number}: {error}; repair the file and import it again"
        ) from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
    return cast(BinaryIO, gzip.open(path)) if is_gzip else path.open("rb")
