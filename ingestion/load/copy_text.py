"""Rows as PostgreSQL's `COPY … from stdin` reads them, a whole block at a time. Knows no table.

Until all text is escaped, separators of fields and rows and the mark of null are bytes that no UTF-8 text holds. So a
few passes in C escape a whole block, and no content is taken for structure. Field by field, as `write_row` does it,
takes three times as long.
"""

from collections.abc import Iterable, Sequence

_NULL, _FIELD, _ROW = "\udcfd", "\udcfe", "\udcff"
"""Half surrogates: no decoded text has them, and `surrogateescape` encodes each as one byte."""
_STEPS = (
    *((b"\\", rb"\\"), (b"\t", rb"\t"), (b"\n", rb"\n"), (b"\r", rb"\r")),
    *((b"\xfd", rb"\N"), (b"\xfe", b"\t"), (b"\xff", b"\n")),
)


def row(values: Sequence[str | None]) -> str:
    """Join a row's values, as input of `block`."""
    return _FIELD.join([_NULL if value is None else value for value in values]) + _ROW


def block(rows: Iterable[str]) -> bytes:
    """Write rows as `COPY` reads them."""
    written = "".join(rows).encode(errors="surrogateescape")
    for given, escaped in _STEPS:
        written = written.replace(given, escaped)
    return written


def array(values: Sequence[str]) -> str:
    """Return an array of texts as PostgreSQL writes it."""
    if not values:
        return "{}"
    quoted = ['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]
    return "{" + ",".join(quoted) + "}"
