"""Databases of a test run: copies of others, queries, statements of the administrator."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, text

from warehouse.publication.declared_properties import DeclaredProperty

DATABASE = f"footfall_test_{os.getpid()}"
"""The same for each test: dbt parses the whole project anew where the name of its database changes."""


@contextmanager
def copy_of(template: URL, name: str | None = None) -> Iterator[URL]:
    """A copy of a database without connections, for a while."""
    name = name or f"footfall_test_{uuid.uuid4().hex[:12]}"
    # Without fsync, copying files takes less than half as long as copying pages through the log.
    administer(template, f"create database {name} template {template.database} strategy file_copy")
    try:
        yield template.set(database=name)
    finally:
        administer(template, f"drop database {name} with (force)")


def rows(engine: Engine, query: str, **values: Any) -> list[tuple]:
    """What a query gives."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def declare(connection: Connection, *properties: DeclaredProperty) -> None:
    """Declare properties of events, whatever the rules for their names are."""
    for each in properties:
        connection.execute(
            text("insert into ops.declared_properties values (:site_id, :event_name, :name, :type, :description)"),
            vars(each),
        )


def administer(server_url: URL, *statements: str) -> None:
    admin = create_engine(server_url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


def let_be_partial(connection: Connection, table: str) -> None:
    """Let rows that a test makes by hand be without what its key does not hold."""
    nullable = connection.execute(
        text(
            "select attname from pg_attribute where attrelid = to_regclass(:table) and attnum > 0 and attnotnull"
            " and not exists(select from pg_index where indrelid = attrelid and indisprimary and attnum = any(indkey))"
        ),
        {"table": table},
    )
    for column in nullable.scalars().all():
        connection.execute(text(f'alter table {table} alter column "{column}" drop not null'))
