"""Bring the database to the newest schema version. The versions are in `warehouse/migrations/`."""

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from runtime.errors import FootfallError
from warehouse.access.grants import grant_all
from warehouse.postgres.database import server_version
from warehouse.postgres.locks import MIGRATION, exclusive, waits_reported
from warehouse.tables.version import MIGRATIONS, require_not_newer, version

OLDEST_SERVER: Final = 16
"""Major version of the oldest PostgreSQL that the tests run on."""


class SchemaError(FootfallError):
    """A database that cannot be brought to the newest version, and why."""


def migrate(engine: Engine) -> None:
    """Apply missing versions and missing grants in one transaction. May run twice, and from several processes.

    Raises:
        SchemaError: the server is too old.
        VersionError: the database is of newer programs.
    """
    with engine.begin() as connection:
        if (server := server_version(connection)) < OLDEST_SERVER:
            raise SchemaError(f"This is PostgreSQL {server}; Footfall needs {OLDEST_SERVER} or newer.")
        exclusive(connection, MIGRATION)
        require_not_newer(version(connection))
        with waits_reported(connection):
            command.upgrade(_config(connection), "head")
            grant_all(connection)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
