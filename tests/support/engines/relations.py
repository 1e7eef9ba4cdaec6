"""Relations of PostgreSQL as tables of Spark, and the rows of both in one form."""

import datetime
import re
from collections import Counter
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
    "date": "date",
    "boolean": "boolean",
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "bytea": "binary",
}
"""PostgreSQL's types → Spark's. An array is one of its elements."""
EVENT_PROPERTIES = ("raw.events", "properties")
COLUMNS = (
    "select attname, format_type(atttypid, atttypmod) from pg_attribute"
    " where attrelid = to_regclass(:relation) and attnum > 0 and not attisdropped order by attnum"
)


def spark_type(type_: str) -> str:
    element = type_.removesuffix("[]")
    found = TYPES.get(element) or re.sub(r"^numeric\((.*)\)$", r"decimal(\1)", element)
    return f"array<{found}>" if type_.endswith("[]") else found


def columns(engine: Engine, relation: str) -> dict[str, str]:
    """Its columns with their types in PostgreSQL."""
    return dict(rows(engine, COLUMNS, relation=relation))


def hand_over(engine: Engine, spark: Any, relation: str) -> None:
    """Make the relation a table of Spark with the same name and rows. Properties of events are a map of key to JSON text."""
    types = columns(engine, relation)
    mapped = {name for name in types if (relation, name) == EVENT_PROPERTIES}
    reading = ", ".join(
        f"(select jsonb_object_agg(m.key, m.value::text) from jsonb_each({name}) as m)"
        if name in mapped
        else f"{name}::text"
        if spark_type(type_) == "string"
        else name
        for name, type_ in types.items()
    )
    schema = ", ".join(
        f"{name} {'map<string,string>' if name in mapped else spark_type(type_)}" for name, type_ in types.items()
    )
    read = [
        tuple(value if value is not None or name not in mapped else {} for name, value in zip(types, row, strict=True))
        for row in rows(engine, f"select {reading} from {relation}")
    ]
    spark.sql(f"create schema if not exists {relation.split('.')[0]}")
    spark.createDataFrame(read, schema).coalesce(1).write.mode("overwrite").saveAsTable(relation)


def of_postgres(engine: Engine, relation: str, mapped: frozenset[str] = frozenset()) -> Counter[tuple]:
    """The rows of a relation. JSON is text, or of these columns each value's text by its key."""
    reading = ", ".join(
        f"(select jsonb_object_agg(m.key, m.value::text) from jsonb_each({name}) as m)"
        if name in mapped
        else f"{name}::text"
        if spark_type(type_) == "string"
        else name
        for name, type_ in columns(engine, relation).items()
    )
    return Counter(plain_row(row) for row in rows(engine, f"select {reading} from {relation}"))


def of_spark(spark: Any, relation: str) -> Counter[tuple]:
    """The rows of a relation."""
    return Counter(plain_row(row) for row in spark.table(relation).collect())


def mapped_columns(spark: Any, relation: str) -> frozenset[str]:
    return frozenset(field.name for field in spark.table(relation).schema if field.dataType.typeName() == "map")


def plain_row(row: Any) -> tuple:
    return tuple(plain(value) for value in row)


def plain(value: Any) -> Any:
    """Equal where the values are: numbers of any type and scale, moments of any timezone, arrays in any order."""
    match value:
        case bool() | None | str() | bytes():
            return value
        case int() | Decimal():
            number = Decimal(value).normalize()
            return f"{number:f}"
        case float():
            return repr(value)
        case datetime.datetime():
            return value.astimezone(datetime.UTC)
        case dict():
            return tuple(sorted(value.items()))
        case list():
            return tuple(sorted((plain(each) for each in value), key=str))
    return value
