"""Descriptions of relations and columns as comments in the database, where BI tools read them."""

from collections.abc import Mapping

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.postgres.catalog import run


def describe(connection: Connection, kind: str, schema: str, name: str, descriptions: Mapping[str, str]) -> None:
    """Set the descriptions, column → text; '' stands for the table or view itself. Does nothing if they are set."""
    wanted = {column: description for column, description in descriptions.items() if description}
    if _comments(connection, f"{schema}.{name}") == wanted:
        return
    for column, description in descriptions.items():
        what = "column {}.{}.{}" if column else f"{kind} {{}}.{{}}"
        names = map(sql.Identifier, (schema, name, column) if column else (schema, name))
        run(connection, sql.SQL(f"comment on {what} is {{}}").format(*names, sql.Literal(description)))


def _comments(connection: Connection, relation: str) -> dict[str, str]:
    rows = connection.execute(
        text(
            "select coalesce(attname, '') as name, description from pg_description"
            " left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0"
            " where classoid = 'pg_class'::regclass and objoid = to_regclass(:relation)"
        ),
        {"relation": relation},
    )
    return {row.name: row.description for row in rows}
