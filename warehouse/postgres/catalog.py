"""Statements composed of quoted names, which SQLAlchemy's `text` cannot quote, and the columns of a relation."""

from psycopg import sql
from sqlalchemy import Connection, CursorResult, text


def run(connection: Connection, statement: sql.Composable) -> CursorResult:
    """Run a composed statement without parameters: a per cent sign is an ordinary character."""
    composed = statement.as_string(connection.connection.driver_connection)
    return connection.exec_driver_sql(composed.replace("%", "%%"))


def columns(connection: Connection, relation: str) -> dict[str, str]:
    """Read the columns of a relation, `schema.name`.

    SQLAlchemy's `inspect` takes several statements for that, and gives types of its own.

    Returns:
        Column name → type as PostgreSQL writes it, in the order of the columns; empty if there is no such relation.
    """
    rows = connection.execute(
        text(
            "select attname, format_type(atttypid, atttypmod) as data_type from pg_attribute"
            " where attrelid = to_regclass(:relation) and attnum > 0 and not attisdropped order by attnum"
        ),
        {"relation": relation},
    )
    return {row.attname: row.data_type for row in rows}
