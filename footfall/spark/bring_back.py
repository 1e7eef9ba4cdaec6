"""Bring a candidate back from Spark: its Parquet files, by parallel `copy`, into the tables that dbt has made here.

Only what is read after a build comes back: the candidates, the keys of the rows that they replace, and the few models
that the checks and publishing read. All other tables of a build stay empty in PostgreSQL.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from footfall.spark.columns import Column, columns_of, for_copy
from runtime.errors import FootfallError
from warehouse.publication.publish import candidate_relations
from warehouse.tables.decisions import Mart

Connect = Callable[[], psycopg.Connection]


class DoesNotFit(FootfallError):
    """A row that PostgreSQL does not take: a model made it that dbt would not have built there."""

    def __init__(self, relation: str, error: psycopg.Error) -> None:
        super().__init__(f"{relation} does not fit: {error.diag.message_primary or error}")
        self.relation = relation
        self.sqlstate = error.sqlstate
        self.message = error.diag.message_primary or ""


OPTIONS, SESSION_EVENTS = "staging.stg_site_options", "intermediate.int_session_events"
READ_AFTERWARDS = (
    OPTIONS,
    SESSION_EVENTS,
    "intermediate.int_moved_days",
    "intermediate.int_recounted_days",
    "staging.stg_declared_properties",
    "staging.stg_funnel_steps",
    "staging.stg_goals",
)
"""What the checks read, and what restatements ask why a figure has changed. tests/spark/test_relations.py compares."""
_ROWS = 50_000
"""Rows that are in memory at once, for each connection."""


def relations_read(marts: Sequence[Mart]) -> list[str]:
    """Return the relations, `schema.name`, that are read after a build."""
    return sorted({*candidate_relations(marts), *READ_AFTERWARDS})


def bring_back(connect: Connect, files: Mapping[str, Sequence[Path]], at_once: int) -> None:
    """Fill each relation with the rows of its files, and analyze it.

    Raises:
        DoesNotFit: a row does not, as where a column must not be null.
    """
    with closing(connect()) as connection:
        columns = {relation: columns_of(connection, relation) for relation in files}
        kept = _sites_that_leave_out(files.get(OPTIONS, ()))
        for relation in files:
            connection.execute(sql.SQL("truncate {}").format(_named(relation)))
    fill = partial(_fill, connect, columns, kept)
    # The largest first, so that no connection is alone with one at the end.
    parts = [(relation, path) for relation, paths in files.items() for path in paths]
    parts.sort(key=lambda part: part[1].stat().st_size, reverse=True)
    with ThreadPoolExecutor(at_once) as pool:
        for _ in pool.map(fill, parts):
            pass
        for _ in pool.map(partial(_analyze, connect), files):
            pass


def _fill(
    connect: Connect, columns: Mapping[str, Sequence[Column]], kept: frozenset[str], part: tuple[str, Path]
) -> None:
    relation, path = part
    wanted = columns[relation]
    query = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        _named(relation), sql.SQL(", ").join(sql.Identifier(column.name) for column in wanted)
    )
    with closing(connect()) as connection:
        try:
            with connection.cursor().copy(query) as copied:
                for batch in _batches(path):
                    if relation == SESSION_EVENTS:
                        batch = batch.filter(pc.is_in(batch.column("site_id"), pa.array(sorted(kept), pa.string())))
                    if batch.num_rows:
                        copied.write(_as_csv(for_copy(batch, wanted)))
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise DoesNotFit(relation, error) from error


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(_ROWS)


def _as_csv(batch: pa.RecordBatch) -> memoryview:
    written = BytesIO()
    pyarrow.csv.write_csv(batch, written, pyarrow.csv.WriteOptions(include_header=False))
    return written.getbuffer()


def _sites_that_leave_out(options: Sequence[Path]) -> frozenset[str]:
    """Return the sites that leave sessions out: only of these do the checks read the events of sessions."""
    found = [pq.read_table(path, columns=["site_id", "anonymous_min_page_views"]).to_pylist() for path in options]
    return frozenset(row["site_id"] for rows in found for row in rows if row["anonymous_min_page_views"] > 1)


def _analyze(connect: Connect, relation: str) -> None:
    with closing(connect()) as connection:
        connection.execute(sql.SQL("analyze {}").format(_named(relation)))


def _named(relation: str) -> sql.Identifier:
    return sql.Identifier(*relation.split("."))
