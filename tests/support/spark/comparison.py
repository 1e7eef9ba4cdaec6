"""Compare what PostgreSQL and Spark make of one candidate: each relation, both ways."""

from pathlib import Path

from footfall.pipeline import engine
from footfall.pipeline.installation import Installation
from footfall.spark.bring_back import bring_back
from tests.support.database import rows
from warehouse.postgres.roles import Role

SCHEMAS = ("staging", "intermediate", "audit")


def differing(installation: Installation, on_spark: Installation, files: Path) -> dict[str, tuple[int, int]]:
    """Build the candidate that stands in PostgreSQL on Spark too, and compare.

    Returns:
        Relation → how many rows only PostgreSQL has, and how many only Spark has.
    """
    names, administrator = built(installation), installation.engine
    with administrator.begin() as connection:
        connection.exec_driver_sql("drop schema if exists parity cascade")
        connection.exec_driver_sql(f"create schema parity authorization {Role.TRANSFORMER}")
        connection.exec_driver_sql(f"set local role {Role.TRANSFORMER}")
        for name in names:
            connection.exec_driver_sql(f"create table {_aside(name)} as select * from {name} with no data")
    with engine.ran(on_spark, files) as done:
        assert done.failed is None, done.failed
        for name in names:
            bring_back(engine.connections(installation), {_aside(name): done.files(name)}, 2)
    found = {}
    for name in names:
        only = tuple(
            rows(
                administrator,
                f"select count(*) from (select r::text from {a} r except all select r::text from {b} r) x",
            )
            for a, b in ((name, _aside(name)), (_aside(name), name))
        )
        if only != ([(0,)], [(0,)]):
            found[name] = (only[0][0][0], only[1][0][0])
    return found


def built(installation: Installation) -> list[str]:
    """All relations of a build, `schema.name`, lists included."""
    found = rows(
        installation.engine,
        "select relnamespace::regnamespace || '.' || relname from pg_class where relkind in ('r', 'v')"
        f" and relnamespace::regnamespace::text in {SCHEMAS} and relname <> 'slice_days' order by 1",
    )
    return [name for (name,) in found]


def _aside(name: str) -> str:
    """The table that holds what Spark has made of a relation."""
    return f"parity.{name.replace('.', '__')}"
