"""A mart's rows as CSV, NDJSON or Parquet, from one COPY and in constant memory.

Who reads, in which transaction and for how long, callers decide. PostgreSQL selects and writes; a thread that waits for
it here holds up no other.
"""

import csv
import io
import re
import select
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from psycopg import OperationalError, errors, sql
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from runtime.display import CsvWriter
from runtime.errors import FootfallError
from warehouse.postgres.roles import STATEMENT_MINUTES
from warehouse.tables.decisions import DAY, Mart

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_BYTES = 256 * 1024
"""Rows are handed on when so many bytes of them have come."""
PATIENCE_SECONDS = 60 * STATEMENT_MINUTES + 30
"""A server that sends nothing for so long is gone: no statement of a reader may take as long."""
GROUP_BYTES = 16 * 1024 * 1024
"""Number of bytes, as CSV, of which a row group of Parquet is made."""

_BOOLEAN, _DATE, _MOMENT, _NUMERIC = 16, 1082, 1184, 1700
_INTEGERS = {20: "int64", 21: "int16", 23: "int32"}
_FLOATS = {700: "float32", 701: "float64"}
_JSON = (114, 3802)
_NUMBERS = (*_INTEGERS, *_FLOATS, _NUMERIC)
"""Types of columns, as PostgreSQL numbers them."""
_DELIMITER = b"\x02"
"""Between two values of a row on its way to JSON: no text has it but one of a broken client."""
_PLAIN = bytes(range(32, 256))
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|[^"\x02\n]+', re.DOTALL)
_ENDS = {len('"2026-11-02 09:00:00+00"'): b'Z"'} | {
    len('"2026-11-02 09:00:00.+00"') + digits: b"0" * (6 - digits) + b'Z"' for digits in range(1, 7)
}
"""Length of a moment → its end in JSON: a fraction has six digits, as in answers of the API."""
_LONGEST_FIELD = 2**30
"""Characters of a field in CSV: more than PostgreSQL has in one. Python's own limit is 131,072."""
_CONTROL = re.compile(rb"[\x00-\x1f]")


class ExportFormat(StrEnum):
    """The formats by their names in `--format`."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


class ExportError(FootfallError):
    """A mart or days that cannot be exported, and why. `parameter` is at fault."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


class _Column(NamedTuple):
    name: str
    type: int
    modifier: int


def selection(mart: Mart, site: str | None, first: date | None, last: date | None) -> str:
    """Return the query of a mart's rows: of a site, or of all, and of these days of the site, both included.

    Raises:
        ExportError: the rows have no day, or the last day is before the first.
    """
    wanted = [sql.SQL("site_id = {}").format(site)] if site is not None else []
    for name, sign, day in (("from", ">=", first), ("to", "<=", last)):
        if day is None:
            continue
        if DAY not in {column.name for column in mart.columns}:
            raise ExportError(name, f"rows of {mart.name} belong to no day; export them all")
        wanted.append(sql.SQL(f"{DAY} {sign} {{}}").format(day))
    if first and last and last < first:
        raise ExportError("to", "it is before from: give the earlier day first")
    where = sql.SQL(" where ") + sql.SQL(" and ").join(wanted) if wanted else sql.SQL("")
    return (sql.SQL("select * from marts.{}").format(sql.Identifier(mart.name)) + where).as_string()


def require_form(form: ExportFormat, for_spreadsheet: bool) -> None:
    """Require that the format has a form for spreadsheets, if that is wanted.

    Raises:
        ExportError: it has none.
    """
    if for_spreadsheet and form is not ExportFormat.CSV:
        raise ExportError("for_spreadsheet", "only CSV has a form for spreadsheets: choose the format csv")


def exported(connection: PGconn, query: str, form: ExportFormat, for_spreadsheet: bool = False) -> Iterator[bytes]:
    """Give the rows of a query in this format, in parts of a file. CSV and NDJSON are in UTF-8.

    Each part may wait for the server, without holding the interpreter. A reader that stops before the end must close
    the connection: the server is still sending.

    Raises:
        ExportError: it is for spreadsheets, and not CSV.
        psycopg.Error: as the server says.
    """
    require_form(form, for_spreadsheet)
    columns = _columns(connection, query)
    # Booleans as `true` and `false`, in every format.
    listed = ", ".join(
        f"{_quoted(each.name)}::text as {_quoted(each.name)}" if each.type == _BOOLEAN else _quoted(each.name)
        for each in columns
    )
    copied = f"select {listed} from ({query}) as r"
    if form is ExportFormat.PARQUET:
        return _parquet(columns, _copy(connection, copied, "format csv"))
    if form is ExportFormat.NDJSON:
        texts = ", ".join(_quoted(each.name) for each in columns if each.type not in (*_NUMBERS, _BOOLEAN))
        options = f"format csv, delimiter e'\\x02', null 'null', escape '\\', force_quote ({texts})"
        return map(
            _json_lines(columns), _copy(connection, copied, options if texts else options.partition(", force")[0])
        )
    if for_spreadsheet:
        return _for_people(columns, _copy(connection, copied, "format csv"))
    return map(b"".join, _copy(connection, copied, "format csv, header"))


def _columns(connection: PGconn, query: str) -> list[_Column]:
    result = connection.exec_(f"select * from ({query}) as r limit 0".encode())
    if result.status != ExecStatus.TUPLES_OK:
        raise errors.error_from_result(result)
    return [
        _Column((result.fname(each) or b"").decode(), result.ftype(each), result.fmod(each))
        for each in range(result.nfields)
    ]


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def _copy(connection: PGconn, query: str, options: str) -> Iterator[list[bytes]]:
    """Give rows in lists of about CHUNK_BYTES; the first row may be the header.

    Raises:
        psycopg.Error: as the server says, or it says nothing for longer than any statement may take.
    """
    result = connection.exec_(f"copy ({query}) to stdout ({options})".encode())
    if result.status != ExecStatus.COPY_OUT:
        raise errors.error_from_result(result)
    arrival = select.poll()
    arrival.register(connection.socket, select.POLLIN)
    rows: list[bytes] = []
    size = 0
    while (length := (received := connection.get_copy_data(1))[0]) >= 0:
        if not length:
            if not arrival.poll(PATIENCE_SECONDS * 1000):
                raise OperationalError("the server sends nothing")
            connection.consume_input()
            continue
        rows.append(bytes(received[1]))
        size += length
        if size >= CHUNK_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows
    for ended in [*iter(connection.get_result, None)]:
        if ended.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(ended)


def _json_lines(columns: Sequence[_Column]) -> Callable[[list[bytes]], bytes]:
    """Return what makes JSON of rows in which all but numbers is quoted as JSON quotes it.

    That is a third of the time of PostgreSQL's `row_to_json`, and the server's work and this one go on side by side.
    """
    named = [msgspec.json.encode(column.name).replace(b"%", b"%%") + b":%b" for column in columns]
    row = b"{" + b",".join(named) + b"}\n"
    width = len(columns)
    moments = [number for number, column in enumerate(columns) if column.type == _MOMENT]
    documents = [number for number, column in enumerate(columns) if column.type in _JSON]

    def lines(rows: list[bytes]) -> bytes:
        whole = b"".join(rows)
        # Between its values and at its end each row has one control character, unless a text has some.
        if len(whole.translate(None, _PLAIN)) == len(rows) * width:
            values = whole.replace(b"\n", _DELIMITER).split(_DELIMITER)[:-1]
        else:
            values = [value for row in rows for value in _values(row)]
        for number in moments:
            values[number::width] = [
                value[:11] + b"T" + value[12:-4] + end if (end := _ENDS.get(len(value))) else _moment(value)
                for value in values[number::width]
            ]
        for number in documents:
            values[number::width] = map(_document, values[number::width])
        return row * len(rows) % tuple(values)

    return lines


def _values(row: bytes) -> list[bytes]:
    return [_CONTROL.sub(lambda found: b"\\u%04x" % ord(found[0]), value) for value in _VALUE.findall(row)]


def _moment(value: bytes) -> bytes:
    """Write `"12026-11-02 09:00:00+00"` as JSON does; what is no such moment, as null, stays."""
    return value.replace(b" ", b"T", 1).replace(b'+00"', b'Z"')


def _document(value: bytes) -> bytes:
    # Each quote in it is preceded by its own escape; after these are gone, backslashes come in pairs.
    return value if value == b"null" else value[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")


def _for_people(columns: Sequence[_Column], parts: Iterator[list[bytes]]) -> Iterator[bytes]:
    """Give the names of the columns and rows in CSV as they are for a spreadsheet."""

    def cells(row: Sequence[str]) -> list[Any]:
        return [
            Decimal(value) if value and column.type in _NUMBERS and value[-1].isdigit() else value
            for value, column in zip(row, columns, strict=True)
        ]

    def written(rows: Iterable[Sequence[Any]]) -> bytes:
        out = io.StringIO()
        writer = CsvWriter(out)
        for row in rows:
            writer.writerow(row)
        return out.getvalue().encode()

    yield written([[column.name for column in columns]])
    csv.field_size_limit(_LONGEST_FIELD)
    for rows in parts:
        read = csv.reader(io.StringIO(b"".join(rows).decode(), newline=""))
        # A row of one empty field is read as none.
        yield written(cells(row or [""]) for row in read)


def _parquet(columns: Sequence[_Column], parts: Iterator[list[bytes]]) -> Iterator[bytes]:
    """Give a Parquet file whose row groups are read out of CSV by Arrow."""
    import pyarrow as pa  # The import takes a quarter of a second.
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    schema = pa.schema([(column.name, _arrow_type(column)) for column in columns])
    reading = {
        "read_options": arrow_csv.ReadOptions(column_names=schema.names, block_size=2 * GROUP_BYTES, use_threads=False),
        "parse_options": arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    }
    file = _Parts()
    with parquet.ParquetWriter(pa.PythonFile(file, "w"), schema, compression="zstd") as writer:
        for group in _grouped(parts):
            writer.write_table(arrow_csv.read_csv(pa.BufferReader(group), **reading))
            yield file.take()
    yield file.take()


def _arrow_type(column: _Column) -> "pa.DataType":
    import pyarrow as pa

    if column.type == _NUMERIC and column.modifier >= 0:
        return pa.decimal128((column.modifier - 4) >> 16, (column.modifier - 4) & 0xFFFF)
    if plain := (_INTEGERS | _FLOATS).get(column.type):
        return pa.type_for_alias(plain)
    known = {_BOOLEAN: pa.bool_(), _DATE: pa.date32(), _MOMENT: pa.timestamp("us", "UTC")}
    return known.get(column.type, pa.string())


def _grouped(parts: Iterator[list[bytes]]) -> Iterator[bytes]:
    group: list[bytes] = []
    size = 0
    for part in parts:
        group.append(b"".join(part))
        size += len(group[-1])
        if size >= GROUP_BYTES:
            yield b"".join(group)
            group, size = [], 0
    if group:
        yield b"".join(group)


class _Parts(io.RawIOBase):
    """A file whose content is taken away as it is written."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._written.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        taken, self._written = b"".join(self._written), []
        return taken
