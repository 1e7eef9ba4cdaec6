"""Rows as PostgreSQL's `COPY … from stdin` reads them, a whole block at a time. Knows no table.

What separates fields and rows, and what stands for null, are bytes that no UTF-8 text holds until all else is escaped.
So a block is escaped by a few passes in C, and no content is taken for structure. Field by field, as `write_row` does
it, takes three times as long.
"""

from collections.abc import Iterable, Sequence

_NULL, _FIELD, _ROW = "\udcfd", "\udcfe", "\udcff"
"""Half surrogates: no decoded text has them, and `surrogateescape` makes one byte of each."""
_STEPS = (
    *((b"\\", rb"\\"), (b"\t", rb"\t"), (b"\n", rb"\n"), (b"\r", rb"\r")),
    *((b"\xfd", rb"\N"), (b"\xfe", b"\t"), (b"\xff", b"\n")),
)


def row(values: Sequence[str | None]) -> str:
    """Join a row's values. Good for `block` only."""
    return _FIELD.join([_NULL if value is None else value for value in values]) + _ROW


def block(rows: Iterable[str]) -> bytes:
    """Write rows as `COPY` reads them."""
    written = "".join(rows).encode(errors="surrogateescape")
    for given, escaped in _STEPS:
        written = written.replace(given, escaped)
    return written


def array(values: Sequence[str]) -> str:
    """The text of an array of texts."""
    if not values:
        return "{}"
    quoted = ['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]
    return "{" + ",".join(quoted) + "}"
