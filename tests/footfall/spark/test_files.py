"""What is handed over and brought back holds each value as it was; what stays of a killed build is deleted."""

import pyarrow.parquet as pq
import pytest
from sqlalchemy import make_url

from footfall.spark import folder
from footfall.spark.bring_back import DoesNotFit, bring_back
from footfall.spark.hand_over import hand_over
from runtime.settings import Settings
from tests.support.database import rows
from tests.support.spark.hostile import TEXTS
from warehouse.postgres.connect import connect, connect_args

COLUMNS = """
    a_text text, an_integer integer, a_bigint bigint, a_smallint smallint, a_boolean boolean, a_date date,
    a_time timestamptz, an_amount numeric(18, 4), an_object jsonb, a_uuid uuid, an_address inet, some_bytes bytea,
    some_texts text[], some_numbers bigint[]
"""


@pytest.fixture
def open_one(engine):
    url = make_url(engine.url)
    return lambda: connect(url, **connect_args(url))


@pytest.fixture
def table(engine):
    """A table with a row for each hostile text, a row of nulls, and the same columns without rows."""
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema parity")
        for name in ("given", "back"):
            connection.exec_driver_sql(f"create table parity.{name} ({COLUMNS})")
        for number, text in enumerate(TEXTS):
            connection.exec_driver_sql(
                "insert into parity.given values (%(t)s, 1, -9000000000000000000 + %(n)s, 7, true, '0001-01-01',"
                " '2026-11-02 23:59:59.999999+05:45'::timestamptz + %(n)s * interval '1 microsecond',"
                " 12345678.9012 * %(n)s, jsonb_build_object(%(t)s::text, 1.50, 'k', %(t)s::text),"
                " gen_random_uuid(), '2001:db8::/32', '\\x00ff', array[%(t)s, null, 'b'], array[1, null, -5])",
                {"t": text, "n": number},
            )
        connection.exec_driver_sql("insert into parity.given default values")


def test_each_value_comes_back_as_it_was(engine, table, open_one, tmp_path):
    handed = hand_over(open_one, ["parity.given"], tmp_path, at_once=2)
    bring_back(open_one, {"parity.back": sorted(handed["parity.given"].glob("*.parquet"))}, at_once=2)
    for one, other in (("given", "back"), ("back", "given")):
        assert rows(engine, f"select t::text from parity.{one} t except all select t::text from parity.{other} t") == []
    assert rows(engine, "select count(*) from parity.back") == [(len(TEXTS) + 1,)]


def test_a_relation_without_rows_is_handed_over_with_its_columns(table, open_one, tmp_path):
    (file,) = hand_over(open_one, ["parity.back"], tmp_path, at_once=1)["parity.back"].iterdir()
    assert pq.read_table(file).num_rows == 0
    assert pq.read_schema(file).names[:2] == ["a_text", "an_integer"]


def test_a_row_that_does_not_fit_is_the_fault_of_its_relation(engine, table, open_one, tmp_path):
    handed = hand_over(open_one, ["parity.given"], tmp_path, at_once=1)
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table parity.back alter a_text set not null")
    with pytest.raises(DoesNotFit, match=r"parity\.back") as refused:
        bring_back(open_one, {"parity.back": sorted(handed["parity.given"].glob("*.parquet"))}, at_once=1)
    assert refused.value.sqlstate == "23502"


def test_the_next_build_deletes_what_a_killed_one_has_left(tmp_path):
    settings = Settings(home=tmp_path)
    left = settings.spark / "build-killed" / "handed_over" / "raw.events" / "000000.parquet"
    left.parent.mkdir(parents=True)
    left.write_text("ann@example.org")
    beside = settings.spark / "own"
    beside.mkdir()
    with folder.files_of_a_build(settings) as files:
        assert not left.exists()
        (files / "handed_over").mkdir()
    assert [*settings.spark.iterdir()] == [beside]
