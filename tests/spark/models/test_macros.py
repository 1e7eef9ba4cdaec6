"""Every portable macro gives the same on both engines, for thousands of values that one of them may read otherwise."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from footfall.pipeline import dbt as dbt_on_postgres
from runtime.settings import PROJECT
from tests.support.engines import calls, hostile, relations
from tests.support.engines.session import dbt
from warehouse.postgres.roles import Role

pytestmark = pytest.mark.spark

MACROS = PROJECT / "dbt_project" / "macros" / "portable"
GIVEN = {
    "id": "integer",
    "grp": "integer",
    "words": "text",
    "letters": "text",
    "query": "text",
    "keys": "text[]",
    "pattern": "text",
    "address": "inet",
    "said": "jsonb",
    "name": "text",
    "key": "text",
    "earlier": "timestamptz",
    "later": "timestamptz",
    "zone": "text",
    "first_day": "date",
    "last_day": "date",
    "number": "bigint",
    "divisor": "bigint",
    "amount": "numeric(18,4)",
}
DERIVED = {
    "said_text": ("said", "jsonb"),
    "list_text": ("case when jsonb_typeof(said -> 'items') = 'array' then said -> 'items' end", "jsonb"),
    "counts_text": ("jsonb_build_object(name, number, key, amount)", "jsonb"),
    "numbers": ("array[number, divisor]", "bigint[]"),
}
"""Columns that PostgreSQL makes of others: column → (expression, type)."""


@pytest.fixture(scope="module")
def engine(anew) -> Iterator[Any]:
    with anew({"shop": "UTC"}) as installation:
        made = hostile.table()
        with installation.engine.begin() as connection:
            connection.execute(text("create schema hostile"))
            columns = [f"{name} {type_}" for name, type_ in GIVEN.items()]
            connection.execute(text(f"create table hostile.values_read ({', '.join(columns)})"))
            for name, (_, type_) in DERIVED.items():
                connection.execute(text(f"alter table hostile.values_read add column {name} {type_}"))
            given = ", ".join(f"cast(:{name} as {type_})" for name, type_ in GIVEN.items())
            connection.execute(text(f"insert into hostile.values_read ({', '.join(GIVEN)}) select {given}"), made)
            derived = ", ".join(f"{name} = {expression}" for name, (expression, _) in DERIVED.items())
            connection.execute(text(f"update hostile.values_read set {derived}"))
        yield installation


@pytest.fixture(scope="module")
def copied(engine, spark) -> None:
    """The table on Spark, with one JSON column as events have it, and others as marts have it."""
    relations.hand_over(engine.engine, spark, "hostile.values_read", frozenset({"said"}))


def compiled(query: str, run) -> str:
    return run("compile", "--inline", query, "--no-introspect", "--no-populate-cache").results[0].node.compiled_code


@pytest.fixture(scope="module")
def both(engine, copied, spark, spark_target):
    """Ask both engines: query → rows of PostgreSQL and of Spark, each by its key."""

    def on_postgres(*arguments):
        return dbt_on_postgres.run(engine.settings, engine.database.roles[Role.TRANSFORMER], *arguments)

    def ask(query: str, key: int = 1) -> tuple[dict, dict]:
        with engine.engine.connect() as connection:
            read = connection.exec_driver_sql(compiled(query, on_postgres).replace("%", "%%"))
            expected = [tuple(row) for row in read]
        found = [tuple(row) for row in spark.sql(compiled(query, lambda *said: dbt(spark_target, *said))).collect()]
        return tuple(
            {tuple(map(str, row[:key])): tuple(canonical(value) for value in row[key:]) for row in each}
            for each in (expected, found)
        )

    return ask


def canonical(value: Any) -> Any:
    """JSON as it is read with all digits of its numbers; everything else as relations have it."""
    if isinstance(value, dict | list) and not (
        isinstance(value, list) and all(isinstance(each, str) for each in value)
    ):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and re.match(r"[\[{]", value):
        try:
            return json.loads(value, parse_float=str, parse_int=str, object_pairs_hook=lambda pairs: ("object", *pairs))
        except ValueError:
            return value
    return relations.plain(value)


def differences(names, expected: dict, found: dict) -> dict:
    assert expected.keys() == found.keys()
    assert len(expected) >= 60
    return {
        name: [(key, expected[key][n], found[key][n]) for key in expected if expected[key][n] != found[key][n]][:3]
        for n, name in enumerate(names)
        if any(expected[key][n] != found[key][n] for key in expected)
    }


def test_each_value_goes_through_each_macro_and_comes_out_the_same(both):
    expected, found = both(calls.values_query())
    assert len(expected) >= 2000
    assert differences(["half_of", *calls.VALUES], expected, found) == {}


def test_each_group_of_values_is_folded_into_the_same(both):
    assert differences(calls.GROUPS, *both(calls.groups_query())) == {}


@pytest.mark.parametrize("name", calls.TABLES)
def test_each_value_is_listed_as_the_same_rows(both, name):
    expected, found = both(calls.table_query(name), key=2)
    assert differences(calls.TABLES[name][1].split(",")[1:], expected, found) == {}


def test_every_portable_macro_is_called():
    called = {calls.macro_of(call) for call in (*calls.VALUES.values(), *calls.GROUPS.values())}
    called |= (
        {calls.macro_of(call) for call, _ in calls.TABLES.values()} | calls.ELSEWHERE.keys() | {"quotient", "text_cast"}
    )
    assert {path.stem for path in MACROS.glob("*.sql")} - called == set()
