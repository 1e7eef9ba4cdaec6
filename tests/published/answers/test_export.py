"""Marts as files, at the command line: each value as it is in the mart, whatever it is."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import msgspec
import psycopg
import pyarrow.parquet as pq
import pytest

from footfall.answers.export import ExportFormat, exported, selection
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from warehouse.postgres.connect import connect

ODD = [
    "",
    "null",
    '"null"',
    "\\N",
    "\\.",
    'a "b", c',
    "back\\slash\\",
    "\\u0041",
    "a\tb\nc\rd",
    "\x01\x02\x1f\x7f",
    "é✓😀",
    "%s",
]
NUMBERS = [Decimal("-12.50"), Decimal("0.00"), Decimal("12345678901234.99"), None]
MOMENTS = ["2026-11-02 09:00:00+00", "2026-11-02 09:00:00.5+00", "1999-12-31 23:59:59.999999+00", None]


@pytest.fixture(scope="module")
def connection(published):
    with connect(published.database.administrator) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def content(connection, query, form, **given):
    return b"".join(exported(connection.pgconn, query, form, **given))


@pytest.fixture(scope="module")
def odd(connection):
    """A query with everything that a mart may hold, and its rows as psycopg and the API's JSON give them."""
    connection.execute(
        "create temporary table odd (number int, txt text, amount numeric(16, 2), loose numeric, large bigint,"
        ' "at" timestamptz, day date, yes boolean, doc jsonb, "per%cent ""q""" text)'
    )
    for number, text in enumerate(ODD):
        doc = json.dumps({"k": text, "n": [1.5, None, True]}).replace("\\u0000", "")
        connection.execute(
            "insert into odd values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                number,
                text,
                NUMBERS[number % 4],
                NUMBERS[-number % 4],
                2**53 + 1,
                MOMENTS[number % 4],
                date(2026, 1, 1) if number % 2 else None,
                number % 3 == 0,
                doc,
                None if number % 2 else text,
            ),
        )
    query = "select * from odd"
    cursor = connection.execute(query)
    return query, [column.name for column in cursor.description], cursor.fetchall()


def test_ndjson_has_each_value_as_the_api_writes_it(connection, odd):
    query, columns, expected = odd
    encoded = msgspec.json.Encoder(decimal_format="number")
    lines = content(connection, query, ExportFormat.NDJSON).decode().split("\n")
    assert lines.pop() == ""
    wanted = [encoded.encode(dict(zip(columns, row, strict=True))) for row in expected]
    assert [json.loads(line, parse_float=Decimal) for line in lines] == [
        json.loads(each, parse_float=Decimal) for each in wanted
    ]


def test_csv_is_read_back_by_the_server_as_it_was(connection, odd):
    query, _, expected = odd
    found = content(connection, query, ExportFormat.CSV)
    connection.execute("create temporary table back (like odd)")
    with connection.cursor().copy("copy back from stdin (format csv, header)") as copy:
        copy.write(found)
    assert connection.execute("select * from back order by 1").fetchall() == expected
    assert b",true," in found


def test_parquet_has_the_types_of_the_contract_and_each_value(connection, odd):
    query, columns, expected = odd
    table = pq.read_table(io.BytesIO(content(connection, query, ExportFormat.PARQUET)))
    assert [str(field.type) for field in table.schema] == [
        "int32", "string", "decimal128(16, 2)", "string", "int64",
        "timestamp[us, tz=UTC]", "date32[day]", "bool", "string", "string",
    ]  # fmt: skip
    assert table.column_names == columns
    for found, row in zip(table.to_pylist(), expected, strict=True):
        wanted = dict(zip(columns, row, strict=True))
        assert json.loads(found.pop("doc")) == wanted.pop("doc")
        loose = wanted.pop("loose")
        assert found.pop("loose") == (None if loose is None else str(loose))
        assert found == wanted
    empty = pq.read_table(io.BytesIO(content(connection, f"{query} where false", ExportFormat.PARQUET)))
    assert (empty.num_rows, empty.schema) == (0, table.schema)


def test_nothing_is_a_file_too_and_a_single_column_keeps_its_nulls(connection, odd):
    query, columns, _ = odd
    assert content(connection, f"{query} where false", ExportFormat.NDJSON) == b""
    assert next(csv.reader([content(connection, f"{query} where false", ExportFormat.CSV).decode()])) == columns
    alone = "select t from (values (null), (''), ('a')) as v (t)"
    assert content(connection, alone, ExportFormat.NDJSON) == b'{"t":null}\n{"t":""}\n{"t":"a"}\n'
    assert pq.read_table(io.BytesIO(content(connection, alone, ExportFormat.PARQUET)))["t"].to_pylist() == [
        None,
        "",
        "a",
    ]
    assert content(connection, "select 1 as n, true as b", ExportFormat.NDJSON) == b'{"n":1,"b":true}\n'


def test_a_spreadsheet_gets_no_formula_and_numbers_stay_numbers(connection):
    query = "select * from (values ('=1+1', -5, -1.50, null, 'a;b'), ('＋x', 6, null, date '2026-11-02', '')) as v (t, i, n, d, u)"
    found = content(connection, query, ExportFormat.CSV, for_spreadsheet=True).decode()
    assert found == '"t","i","n","d","u"\r\n"\'=1+1",-5,-1.50,"","a;b"\r\n"\'＋x",6,"","2026-11-02",""\r\n'


def test_a_spreadsheet_gets_long_fields_and_columns_of_any_name(connection):
    query = "select repeat('a', 200000) as t, 1.5 as score_1"
    found = content(connection, query, ExportFormat.CSV, for_spreadsheet=True).decode()
    assert found == f'"t","score_1"\r\n"{"a" * 200_000}",1.5\r\n'


def test_an_error_of_the_server_is_raised_as_such(connection):
    with pytest.raises(psycopg.errors.UndefinedTable):
        content(connection, "select * from marts.nowhere", ExportFormat.CSV)
    with pytest.raises(psycopg.errors.DivisionByZero):
        content(connection, "select 1 / (2000 - i) from generate_series(1, 3000) as g (i)", ExportFormat.NDJSON)


def test_every_mart_is_exported_whole_in_every_format(published, command, tmp_path):
    for mart in published_marts(published):
        count = rows(published.engine, f"select count(*) from {mart.relation}")[0][0]
        with connect(published.database.administrator) as connection:
            query = selection(mart, None, None, None)
            lines = content(connection, query, ExportFormat.NDJSON).splitlines()
            table = pq.read_table(io.BytesIO(content(connection, query, ExportFormat.PARQUET)))
            listed = list(csv.reader(io.StringIO(content(connection, query, ExportFormat.CSV).decode(), newline="")))
        assert len(lines) == table.num_rows == len(listed) - 1 == count, mart.name
        assert table.column_names == listed[0]
        assert [list(json.loads(line)) for line in lines] == [listed[0]] * count


def test_the_command_exports_days_of_a_site(published, command, tmp_path):
    file = tmp_path / "views.parquet"
    days = ("--from", "2026-11-02", "--to", "2026-11-02", "--site", "shop")
    assert command("export", "page_views", *days, "--format", "parquet", "-o", str(file)).returncode == 0
    wanted = "select page_view_id from marts.page_views where site_id = 'shop' and event_date = '2026-11-02' order by 1"
    found = pq.read_table(file)
    assert sorted(found["page_view_id"].to_pylist()) == [row[0] for row in rows(published.engine, wanted)]
    assert 0 < found.num_rows < rows(published.engine, "select count(*) from marts.page_views")[0][0]
    assert [path.name for path in tmp_path.iterdir()] == ["views.parquet"]
    lines = command("export", "page_views", *days, "--format", "ndjson").stdout.splitlines()
    assert len(lines) == found.num_rows
    for given, said in (
        (("everything",), "there is no mart"),
        (("page_views", "--format", "xlsx"), "there is no format"),
        (("customers", "--from", "2026-11-02"), "from: rows of customers belong to no day"),
        (("page_views", "--from", "2026-11-03", "--to", "2026-11-02"), "to: it is before from"),
        (("page_views", "--format", "ndjson", "--for-spreadsheet"), "only CSV"),
    ):
        refused = command("export", *given)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert said in refused.stderr
