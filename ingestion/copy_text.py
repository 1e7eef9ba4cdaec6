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


def encode(rows: Iterable[Sequence[str | None]]) -> bytes:
    """Write rows of texts."""
    fields = (_FIELD.join([_NULL if value is None else value for value in row]) for row in rows)
    block = _ROW.join([*fields, ""]).encode(errors="surrogateescape")
    for given, written in _STEPS:
        block = block.replace(given, written)
    return block


def array(values: Sequence[str]) -> str:
    """The text of an array of texts."""
    if not values:
        return "{}"
    quoted = ['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]
    return "{" + ",".join(quoted) + "}"
