"""How dbt's adapter for Spark runs here: in the session that is there, as it is, and with codes of errors.

Imported by a build on Spark alone: dbt-spark belongs to the extra `spark`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt.adapters.contracts.connection import Connection
from dbt.adapters.spark import SparkAdapter
from dbt.adapters.spark.connections import SparkConnectionManager
from dbt.adapters.spark.session import Cursor
from pyspark.errors import PySparkException

from footfall.spark.steps import cut

errors: dict[str, tuple[str, str]] = {}
"""Id of a model → SQLSTATE and condition of the error with which it failed. The message may quote rows."""

_BY_ROWS = ("21", "22", "23", "P0")
"""Classes of SQLSTATE that mean for Spark what they mean for PostgreSQL. Its XX000 is any fault of its own."""


class CutCursor(Cursor):
    """A cursor that writes out the steps that Spark would repeat too often."""

    def execute(self, sql: str, *parameters: Any) -> None:
        """Execute a statement, in several where that is needed."""
        for statement in [sql] if parameters else cut(sql):
            super().execute(statement, *parameters)


class SessionOfTheBuild(SparkConnectionManager):
    """Connections to the session that Footfall has started."""

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open one that changes nothing of the session: dbt-spark would turn off ANSI mode, and so lose errors."""
        opened = super().open(connection)
        opened.handle.handle.cursor = CutCursor
        return opened

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Note the error with which the model of this thread fails."""
        try:
            with super().exception_handler(sql):
                yield
        except Exception as failed:
            if (found := _of_spark(failed)) and str(found.getSqlState())[:2] in _BY_ROWS:
                model = str(self.get_thread_connection().name)
                errors[model] = str(found.getSqlState()), str(found.getCondition())
            raise


def use_session() -> None:
    """Let dbt's adapters of this process use the session of the build."""
    SparkAdapter.ConnectionManager = SessionOfTheBuild
    errors.clear()


def _of_spark(error: BaseException | None) -> PySparkException | None:
    """Return the error of Spark from which this one came."""
    while error is not None and not isinstance(error, PySparkException):
        error = error.__cause__ or error.__context__
    return error
