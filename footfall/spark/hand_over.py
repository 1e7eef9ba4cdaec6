"""Hand relations of PostgreSQL to Spark: Parquet files, written by parallel `copy` with bounded memory.

Of raw events only the slice's days are handed over, and three days on both sides, as far as a session reaches; and
visits to communities of days on which retention has pruned rows. Everything else is handed over whole: of published
rows a build may need those of any day, because what moves decides which.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from footfall.spark.columns import Column, columns_of, schema_of

Connect = Callable[[], psycopg.Connection]

RAW_EVENTS = "raw.events"
DAYS_AROUND = 3
"""Days beside the slice on which the models read events."""
_PAGES = 64 * 1024
"""Pages of a table that one `copy` reads: half a gigabyte."""
_CHUNK_BYTES = 8 * 1024 * 1024
"""Bytes that are parsed at once."""
_GROUP_BYTES = 64 * 1024 * 1024
"""Bytes that are kept in memory for one row group of a file."""


@dataclass(frozen=True)
class Part:
    """What one `copy` writes to one file."""

    relation: str
    path: Path
    condition: sql.Composable


def hand_over(connect: Connect, relations: Sequence[str], folder: Path, at_once: int) -> dict[str, Path]:
    """Write relations, `schema.name`, as they are at one moment, with `at_once` connections.

    Returns:
        Relation → folder of its files. There is at least one file, with the columns.
    """
    # One snapshot for all, so that what is handed over fits together while loads go on.
    with closing(connect()) as keeper:
        keeper.execute("begin transaction isolation level repeatable read read only")
        row = keeper.execute("select pg_export_snapshot()").fetchone()
        assert row
        columns = {relation: columns_of(keeper, relation) for relation in relations}
        parts = [part for relation in relations for part in _parts(keeper, relation, folder / relation)]
        copy = partial(_copy, connect, str(row[0]), columns)
        with ThreadPoolExecutor(at_once) as pool:
            for _ in pool.map(copy, parts):
                pass
    return {relation: folder / relation for relation in relations}


def _parts(connection: psycopg.Connection, relation: str, folder: Path) -> Iterator[Part]:
    folder.mkdir(parents=True)
    numbers = iter(range(1_000_000))
    conditions = _of_raw_events(connection) if relation == RAW_EVENTS else [_pages(connection, relation)]
    for condition, page_count in conditions:
        for first in range(0, max(page_count, 1), _PAGES):
            pages = sql.SQL("{} and ctid >= {}::tid and ctid < {}::tid").format(
                condition, sql.Literal(f"({first},0)"), sql.Literal(f"({first + _PAGES},0)")
            )
            # The last part has no end: rows may lie on pages that came meanwhile. Small tables need no bounds.
            if first + _PAGES >= page_count:
                pages = sql.SQL("{} and ctid >= {}::tid").format(condition, sql.Literal(f"({first},0)"))
            yield Part(relation, folder / f"{next(numbers):06}.parquet", pages if page_count else condition)


def _of_raw_events(connection: psycopg.Connection) -> list[tuple[sql.Composable, int]]:
    """Return the conditions of the raw events that the models read, one for each day, and its pages."""
    first, last, sites = _one(
        connection, "select min(event_date), max(event_date), array_agg(distinct site_id) from audit.slice_days"
    )
    if first is None:
        return [(sql.SQL("false"), 0)]
    read = [first + timedelta(days=n) for n in range(-DAYS_AROUND, (last - first).days + DAYS_AROUND + 1)]
    conditions = {day: sql.SQL("event_date = {} and site_id = any({})").format(day, list(sites)) for day in read}
    short = {day for (day,) in connection.execute(_SHORT_DAYS).fetchall()}
    for day in {*short, *(day + timedelta(days=1) for day in short)} - {*read}:
        conditions[day] = sql.SQL("event_date = {} and event_name = 'community_visited'").format(day)
    pages = _pages_of_days(connection)
    return [(conditions[day], pages[day]) for day in sorted(conditions) if day in pages] or [(sql.SQL("false"), 0)]


_SHORT_DAYS = """
select counted.event_date
from (
    select site_id, event_date, sum(visit_count) as visit_count
    from marts.community_visits_daily group by site_id, event_date
) as counted
left join (
    select site_id, event_date, count(*) as visit_count
    from marts.community_visits where not is_bot group by site_id, event_date
) as kept using (site_id, event_date)
where counted.visit_count > coalesce(kept.visit_count, 0)
"""
"""Days of which retention has pruned visits to communities: int_pruned_community_visits reads these from raw events."""


def _pages_of_days(connection: psycopg.Connection) -> Mapping[date, int]:
    """Return the days that have a partition of raw events, and its pages."""
    rows = connection.execute(
        "select to_date(right(c.relname, 8), 'YYYYMMDD'), pg_relation_size(c.oid) / 8192"
        " from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = 'raw.events'::regclass"
    )
    return dict(rows.fetchall())


def _pages(connection: psycopg.Connection, relation: str) -> tuple[sql.Composable, int]:
    (pages,) = _one(connection, "select pg_relation_size(%s::regclass) / 8192", relation)
    return sql.SQL("true"), pages


def _one(connection: psycopg.Connection, query: str, *values: Any) -> tuple[Any, ...]:
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row
    return tuple(row)


def _copy(connect: Connect, snapshot: str, columns: Mapping[str, Sequence[Column]], part: Part) -> None:
    """Write one part, as it was at the moment of the snapshot."""
    wanted = columns[part.relation]
    query = sql.SQL("copy (select {} from {} where {}) to stdout (format csv, encoding 'utf8')").format(
        sql.SQL(", ").join(column.written for column in wanted),
        sql.Identifier(*part.relation.split(".")),
        part.condition,
    )
    schema = schema_of(wanted)
    with closing(connect()) as connection, pq.ParquetWriter(part.path, schema, compression="zstd") as writer:
        connection.execute("begin transaction isolation level repeatable read read only")
        connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
        with connection.cursor().copy(query) as copied:
            _write_groups(writer, schema, _batches(copied, wanted))
        connection.execute("commit")


def _write_groups(writer: pq.ParquetWriter, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.nbytes for each in waiting) >= _GROUP_BYTES:
            writer.write_table(pa.Table.from_batches(waiting, schema))
            waiting.clear()
    writer.write_table(pa.Table.from_batches(waiting, schema))


def _batches(copied: psycopg.Copy, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    stream = _Stream(iter(copied))
    first = stream.read(1)
    if not first:
        return
    stream.push_back(first)
    reader = pyarrow.csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        pyarrow.csv.ReadOptions(column_names=[column.name for column in columns], block_size=_CHUNK_BYTES),
        pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(
            column_types={column.name: column.in_csv for column in columns},
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    for batch in reader:
        read = [column.read(batch.column(number)) for number, column in enumerate(columns)]
        yield pa.record_batch(read, schema_of(columns))


class _Stream:
    """The chunks of a `copy` as a file to read from."""

    def __init__(self, chunks: Iterator[Any]) -> None:
        self._chunks = chunks
        self._left = b""
        self.closed = False

    def push_back(self, data: bytes) -> None:
        self._left = data + self._left

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._left], len(self._left)
        while size < 0 or length < size:
            chunk = bytes(next(self._chunks, b""))
            if not chunk:
                break
            parts.append(chunk)
            length += len(chunk)
        data = b"".join(parts)
        taken = data if size < 0 else data[:size]
        self._left = data[len(taken) :]
        return taken

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
