"""Who may do what in the database: the owner everything, the analyst read what is published.

Passwords come from outside and are never logged.
"""

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.database import ANALYST
from warehouse.statements import run

READABLE = ("marts", "live", "ops")
HIDDEN = ("ops.site_keys", "ops.contact_vault")


def grant_analyst(connection: Connection, password: str) -> None:
    """Create the analyst or renew its password, and let it read marts, live and ops. May run twice."""
    known = connection.scalar(text("select 1 from pg_roles where rolname = :role"), {"role": ANALYST})
    verb = "alter" if known else "create"
    statement = sql.SQL("{} role {} login password {}").format(
        sql.SQL(verb), sql.Identifier(ANALYST), sql.Literal(password)
    )
    run(connection, statement)
    connection.exec_driver_sql(f"alter role {ANALYST} set default_transaction_read_only = on")
    connection.exec_driver_sql(f"alter role {ANALYST} set statement_timeout = '10min'")
    connection.exec_driver_sql(f"alter role {ANALYST} set search_path = marts, live")
    for schema in READABLE:
        connection.exec_driver_sql(f"grant usage on schema {schema} to {ANALYST}")
        connection.exec_driver_sql(f"grant select on all tables in schema {schema} to {ANALYST}")
        connection.exec_driver_sql(f"alter default privileges in schema {schema} grant select on tables to {ANALYST}")
    for relation in HIDDEN:
        connection.exec_driver_sql(f"revoke all on {relation} from {ANALYST}")
