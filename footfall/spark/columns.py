"""The columns of a relation on both sides: PostgreSQL's type, how `copy` writes it, and Arrow's type for Parquet.

Texts, uuids and addresses become texts; jsonb the text that PostgreSQL has of it, but for the properties of raw events:
a map of each key to its value as JSON, so that no number is read on the way.
"""

import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
import pyarrow as pa
from psycopg import sql

PROPERTIES = ("raw.events", "properties")
"""Relation and column whose objects become maps."""

_SCALARS: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "timestamp without time zone": pa.timestamp("us"),
    "bytea": pa.binary(),
}
_NUMERIC = re.compile(r"numeric(?:\((\d+),(\d+)\))?")
_ANY_NUMERIC = (38, 9)
"""Precision and scale of a numeric that names none."""
_MAP = pa.map_(pa.string(), pa.string())
_objects = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True)
class Column:
    """One column of a relation of PostgreSQL."""

    name: str
    type: str
    """As PostgreSQL formats it."""
    is_map: bool = False

    @property
    def arrow(self) -> pa.DataType:
        """Its type in Arrow and Parquet."""
        return _MAP if self.is_map else _arrow(self.type)

    @property
    def in_csv(self) -> pa.DataType:
        """The type as which it is read from what `copy` writes."""
        return pa.string() if self._convert else self.arrow

    @property
    def written(self) -> sql.Composable:
        """The expression that `copy` writes."""
        name = sql.Identifier(self.name)
        if self.type == "bytea":
            return sql.SQL("encode({}, 'hex')").format(name)
        return sql.SQL("to_json({})").format(name) if self.type.endswith("[]") else name

    def read(self, texts: pa.Array) -> pa.Array:
        """Return the values, from how they were read."""
        return self._convert(texts, self.arrow) if self._convert else texts

    @property
    def _convert(self) -> Callable[[pa.Array, pa.DataType], pa.Array] | None:
        if self.is_map:
            return _maps
        return _lists if self.type.endswith("[]") else _bytes if self.type == "bytea" else None


def columns_of(connection: psycopg.Connection, relation: str) -> tuple[Column, ...]:
    """Return the columns of `schema.name` in their order."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [relation],
    )
    return tuple(Column(name, kind, (relation, name) == PROPERTIES) for name, kind in rows)


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Return the columns as Arrow has them."""
    return pa.schema([(column.name, column.arrow) for column in columns])


def for_copy(batch: pa.RecordBatch, columns: Iterable[Column]) -> pa.RecordBatch:
    """Return a batch from Spark as `copy` reads it into these columns: lists and maps as PostgreSQL reads them."""
    given = {name: batch.column(name) for name in batch.schema.names}
    return pa.record_batch({column.name: _as_text(given[column.name]) for column in columns})


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_list(values.type):
        return pa.array([None if each is None else _array_literal(each) for each in values.to_pylist()], pa.string())
    if pa.types.is_map(values.type):
        return pa.array([None if each is None else _object(each) for each in values.to_pylist()], pa.string())
    if pa.types.is_binary(values.type):
        return pa.array([None if each is None else f"\\x{each.hex()}" for each in values.to_pylist()], pa.string())
    return values


def _object(entries: Iterable[tuple[str, str]]) -> str:
    """Return the object whose values a map holds as JSON."""
    return "{" + ",".join(f"{msgspec.json.encode(key).decode()}:{value}" for key, value in entries) + "}"


def _array_literal(values: Iterable[Any]) -> str:
    """Return an array as PostgreSQL reads it."""
    quoted = ("null" if each is None else '"' + re.sub(r'(["\\])', r"\\\1", str(each)) + '"' for each in values)
    return "{" + ",".join(quoted) + "}"


def _arrow(kind: str) -> pa.DataType:
    if kind.endswith("[]"):
        return pa.list_(_arrow(kind.removesuffix("[]")))
    if found := _NUMERIC.fullmatch(kind):
        precision, scale = (int(found[1]), int(found[2])) if found[1] else _ANY_NUMERIC
        return pa.decimal128(precision, scale)
    return _SCALARS.get(kind, pa.string())


def _maps(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Read objects of JSON as maps of each key to its value's own text."""
    objects = [None if each is None else _objects(each) for each in texts.to_pylist()]
    ends, count = [], 0
    for each in objects:
        count += len(each or ())
        ends.append(count)
    offsets = pa.array([0, *ends], pa.int32())
    keys = pa.array([key for each in objects if each for key in each], pa.string())
    values = pa.array([bytes(value) for each in objects if each for value in each.values()], pa.string())
    return pa.MapArray.from_arrays(offsets, keys, values, mask=pa.array([each is None for each in objects], pa.bool_()))


def _lists(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    return pa.array([None if each is None else msgspec.json.decode(each) for each in texts.to_pylist()], kind)


def _bytes(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    return pa.array([None if each is None else binascii.unhexlify(each) for each in texts.to_pylist()], kind)
