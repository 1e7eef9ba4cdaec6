"""Run statements composed of quoted names, which SQLAlchemy's `text` cannot quote."""

from psycopg import sql
from sqlalchemy import Connection, CursorResult


def run(connection: Connection, statement: sql.Composable) -> CursorResult:
    """Run a composed statement. It takes no parameters: a per cent sign stands for itself."""
    composed = statement.as_string(connection.connection.driver_connection)
    return connection.exec_driver_sql(composed.replace("%", "%%"))
