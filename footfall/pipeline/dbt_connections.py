"""One connection for each of dbt's threads. dbt itself opens another for each model.

A fresh session of PostgreSQL knows nothing of the catalogue yet, and a small night has sixty models.
"""

from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.postgres import PostgresAdapter
from dbt.adapters.postgres.connections import PostgresConnectionManager


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


def keep_connections() -> None:
    """Let dbt's adapters of this process keep their connections."""
    PostgresAdapter.ConnectionManager = KeptConnections
