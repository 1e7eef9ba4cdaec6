"""Relations of PostgreSQL as tables of Spark, and the rows of both in one form."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from tests.support.database import rows

TYPES = {
    "text": "string",
    "uuid": "string",
    "inet": "string",
    "jsonb": "string",
    "timestamp with time zone": "timestamp",
    "integer": "int",
    "bytea": "binary",
}
"""PostgreSQL's types → Spark's, where the names differ. An array is one of its elements."""
EVENT_PROPERTIES = ("raw.events", "properties")
"""Relation and column that become a map of each key to its value as JSON."""
MAPPED = "coalesce((select jsonb_object_agg(m.key, m.value::text) from jsonb_each({0}) as m), '{{}}') as {0}"
COLUMNS = (
    "select attname, format_type(atttypid, atttypmod) from pg_attribute"
    " where attrelid = to_regclass(:relation) and attnum > 0 and not attisdropped order by attnum"
)


def spark_type(type_: str) -> str:
    """Spark's name of a type of PostgreSQL."""
    element = type_.removesuffix("[]").replace("timestamptz", "timestamp with time zone")
    found = TYPES.get(element) or element.replace("numeric", "decimal")
    return f"array<{found}>" if type_.endswith("[]") else found


def hand_over(engine: Engine, spark: Any, relation: str, mapped: frozenset[str] = frozenset()) -> None:
    """Make the relation a table of Spark with the same name and rows."""
    types = dict(rows(engine, COLUMNS, relation=relation))
    mapped |= {name for name in types if (relation, name) == EVENT_PROPERTIES}
    read = rows(engine, f"select {_reading(types, mapped)} from {relation}")
    schema = ", ".join(
        f"`{name}` {'map<string,string>' if name in mapped else spark_type(type_)}" for name, type_ in types.items()
    )
    spark.sql(f"create schema if not exists {relation.split('.')[0]}")
    spark.createDataFrame(read, schema).coalesce(1).write.mode("overwrite").saveAsTable(relation)


def of_postgres(engine: Engine, relation: str, mapped: frozenset[str] = frozenset()) -> Counter[tuple]:
    """The rows of a relation. Moments are microseconds, JSON is text, or of these columns each value's text by its key."""
    types = dict(rows(engine, COLUMNS, relation=relation))
    moments = {name: f"extract(epoch from {name}) * 1000000" for name, type_ in types.items() if "time zone" in type_}
    return Counter(plain_row(row) for row in rows(engine, f"select {_reading(types, mapped, moments)} from {relation}"))


def of_spark(spark: Any, relation: str) -> Counter[tuple]:
    """The rows of a relation, as above."""
    fields = spark.table(relation).schema.fields
    reading = [
        f"unix_micros(`{field.name}`)" if field.dataType.typeName() == "timestamp" else f"`{field.name}`"
        for field in fields
    ]
    return Counter(plain_row(row) for row in spark.table(relation).selectExpr(*reading).collect())


def mapped_columns(spark: Any, relation: str) -> frozenset[str]:
    """Its columns that are maps."""
    return frozenset(field.name for field in spark.table(relation).schema if field.dataType.typeName() == "map")


def plain_row(row: Any) -> tuple:
    """A row whose values are equal where PostgreSQL's and Spark's are."""
    return tuple(plain(value) for value in row)


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


def _reading(types: Mapping[str, str], mapped: frozenset[str], others: Mapping[str, str] | None = None) -> str:
    texts = {name: f"{name}::text" for name, type_ in types.items() if spark_type(type_) == "string"}
    maps = {name: MAPPED.format(name) for name in mapped}
    expressions = texts | maps | dict(others or {})
    return ", ".join(expressions.get(name, name) for name in types)
