"""Compare what PostgreSQL and Spark make of one slice: each relation, both ways."""

import re
from collections import defaultdict
from collections.abc import Iterable

from footfall.pipeline import engine
from footfall.pipeline.installation import Installation
from footfall.spark.bring_back import bring_back
from tests.support.database import rows
from warehouse.postgres.roles import Role

SCHEMAS = ("staging", "intermediate", "audit")
ASIDE, OF_SPARK = "of_postgres", "of_spark"


def put_aside(installation: Installation) -> None:
    """Copy all relations of the candidate that stands, lists included."""
    found = rows(
        installation.engine,
        "select relnamespace::regnamespace || '.' || relname from pg_class where relkind in ('r', 'v')"
        f" and relnamespace::regnamespace::text in {SCHEMAS} and relname <> 'slice_days' order by 1",
    )
    with installation.engine.begin() as connection:
        for schema in (ASIDE, OF_SPARK):
            connection.exec_driver_sql(f"drop schema if exists {schema} cascade")
            connection.exec_driver_sql(f"create schema {schema} authorization {Role.TRANSFORMER}")
        connection.exec_driver_sql(f"set local role {Role.TRANSFORMER}")
        for (name,) in found:
            connection.exec_driver_sql(f"create table {_in(ASIDE, name)} as select * from {name}")
            connection.exec_driver_sql(f"create table {_in(OF_SPARK, name)} as select * from {name} with no data")


def differing(installation: Installation, done: engine.Ran) -> dict[str, tuple[int, int]]:
    """Compare what was put aside with what the models have made on Spark.

    Returns:
        Relation → how many rows only PostgreSQL has, and how many only Spark has.
    """
    found = {}
    tables = rows(installation.engine, f"select relname from pg_class where relnamespace = '{ASIDE}'::regnamespace")
    copies = {_in(OF_SPARK, name): done.files(name.replace("__", ".", 1)) for (name,) in tables}
    bring_back(engine.connections(installation), copies, 2)
    for name, parts in _wholes(name for (name,) in tables).items():
        one, other = _texts(ASIDE, parts), _texts(OF_SPARK, parts)
        only = tuple(
            rows(installation.engine, f"select count(*) from (({a}) except all ({b})) x")[0][0]
            for a, b in ((one, other), (other, one))
        )
        if only != (0, 0):
            found[name] = only
    return found


def _in(schema: str, name: str) -> str:
    """The copy of `schema.name` in another schema."""
    return f"{schema}.{name.replace('.', '__')}"


def _wholes(names: Iterable[str]) -> dict[str, list[str]]:
    """The halves of one relation together: into which half a visitor falls is each engine's own."""
    wholes = defaultdict(list)
    for name in sorted(names):
        wholes[re.sub("_(even|odd)$", "", name)].append(name)
    return wholes


def _texts(schema: str, parts: Iterable[str]) -> str:
    return " union all ".join(f"select r::text from {_in(schema, name)} r" for name in parts)
