"""Every portable macro gives the same on both engines, for thousands of values that one of them may read otherwise."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from footfall.pipeline import dbt, engine
from footfall.spark import columns
from footfall.spark.hand_over import hand_over
from footfall.spark.session import register, session
from runtime.settings import PROJECT
from tests.support.installation import with_settings
from tests.support.spark import calls, hostile
from warehouse.postgres.roles import Role

pytestmark = pytest.mark.spark

TABLE = "hostile.values_read"
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
def installation(anew) -> Iterator[Any]:
    with anew({"shop": "UTC"}) as installation:
        made = hostile.table()
        with installation.engine.begin() as connection:
            connection.execute(text(f"create schema hostile authorization {Role.TRANSFORMER}"))
            connection.execute(text(f"set local role {Role.TRANSFORMER}"))
            names = [f"{name} {type_}" for name, type_ in GIVEN.items()]
            connection.execute(text(f"create table {TABLE} ({', '.join(names)})"))
            for name, (_, type_) in DERIVED.items():
                connection.execute(text(f"alter table {TABLE} add column {name} {type_}"))
            given = ", ".join(f"cast(:{name} as {type_})" for name, type_ in GIVEN.items())
            connection.execute(text(f"insert into {TABLE} ({', '.join(GIVEN)}) select {given}"), made)
            derived = ", ".join(f"{name} = {expression}" for name, (expression, _) in DERIVED.items())
            connection.execute(text(f"update {TABLE} set {derived}"))
        yield with_settings(installation, engine="spark", spark_url="local[2]")


@pytest.fixture(scope="module")
def spark(installation, tmp_path_factory) -> Iterator[Any]:
    """A session with the table, one JSON column as raw events have it, and others as other relations do."""
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch, session(installation.settings, folder) as made:
        patch.setattr(columns, "PROPERTIES", (TABLE, "said"))
        register(made, hand_over(engine.connections(installation), [TABLE], folder / "handed_over", 1))
        yield made


@pytest.fixture(scope="module")
def both(installation, spark):
    """Ask both engines: query → rows of PostgreSQL and of Spark, each by its key."""

    def compiled(query: str, target: str) -> str:
        arguments = ("compile", "--inline", query, "--no-introspect", "--no-populate-cache")
        user = installation.database.roles[Role.TRANSFORMER]
        return dbt.run(installation.settings, user, *arguments, target=target).results[0].node.compiled_code

    def ask(query: str, key: int = 1) -> tuple[dict, dict]:
        with installation.engine.connect() as connection:
            expected = connection.exec_driver_sql(compiled(query, dbt.WAREHOUSE).replace("%", "%%")).all()
        found = spark.sql(compiled(query, dbt.SPARK)).collect()
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
    return plain(value)


def plain(value: Any) -> Any:
    """Equal where the values are: numbers of any type and scale, arrays in any order."""
    match value:
        case bool() | None:
            return value
        case int() | Decimal():
            return f"{Decimal(value).normalize():f}"
        case dict():
            return tuple(sorted(value.items()))
        case list():
            return tuple(sorted((plain(each) for each in value), key=str))
    return value


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
    written = (*calls.VALUES.values(), *calls.GROUPS.values(), *(call for call, _ in calls.TABLES.values()))
    called = {"quotient", "text_cast"}.union(calls.ELSEWHERE, *map(calls.macros_of, written))
    assert {path.stem for path in MACROS.glob("*.sql")} - called == set()
