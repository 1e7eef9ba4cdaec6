"""One connection for each of dbt's threads. dbt itself opens another for each model.

A fresh session of PostgreSQL knows nothing of the catalogue yet, and a small night has sixty models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.postgres import PostgresAdapter
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt_common.exceptions import DbtDatabaseError

errors: dict[str, tuple[str, str]] = {}
"""Id of a model → SQLSTATE and message of the error with which it failed. dbt itself keeps the text alone."""


class KeptConnections(PostgresConnectionManager):
    """Connections that stay open from model to model. dbt closes them at the end of its run."""

    def release(self) -> None:
        """End the transaction of this thread's connection, if one is open. A broken connection is closed."""
        connection = self.get_if_exists()
        if connection is None or connection.state != ConnectionState.OPEN or connection.handle.closed:
            super().release()
            return
        # Also what dbt did not begin itself: the driver begins a transaction with any statement.
        connection.handle.rollback()
        connection.transaction_open = False

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Note the error with which the model of this thread fails."""
        try:
            with super().exception_handler(sql):
                yield
        except DbtDatabaseError as failed:
            error: Any = failed.__cause__
            if error and error.pgcode:
                errors[str(self.get_thread_connection().name)] = error.pgcode, error.diag.message_primary or ""
            raise


def keep_connections() -> None:
    """Let dbt's adapters of this process keep their connections."""
    PostgresAdapter.ConnectionManager = KeptConnections
