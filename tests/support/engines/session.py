"""A Spark of this process, and dbt on it. Needs the extra `spark`; imported only where a test has asked for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import PROJECT

CORES = 2
SETTINGS = {
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Tables of a test are small: more parts are only more tasks.
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
}


@contextmanager
def session(folder: Path) -> Iterator[Any]:
    """A session whose tables lie in this folder. There can be one in a process, and its Java ends with the process."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{CORES}]").appName("tests")
    here = {"spark.sql.warehouse.dir": str(folder / "tables"), "spark.local.dir": str(folder / "shuffled")}
    for name, value in (SETTINGS | here).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    yield spark
    spark.stop()


@contextmanager
def strictly() -> Iterator[None]:
    """Let dbt-spark leave ANSI mode on. It turns it off, and then what cannot be cast is null."""
    from dbt.adapters.spark.connections import SparkCredentials

    made = SparkCredentials.__post_init__

    def strict(self: Any) -> None:
        made(self)
        self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparkCredentials, "__post_init__", strict)
        yield


def dbt(folder: Path, *arguments: str) -> Any:
    """Run dbt in the session, with its target in this folder, and return its result."""
    from dbt.cli.main import dbtRunner

    errors: list[str] = []
    environment = {
        "DBT_TARGET": "spark",
        "DBT_PROJECT_DIR": str(PROJECT / "dbt_project"),
        "DBT_PROFILES_DIR": str(PROJECT / "dbt_project"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_THREADS": str(CORES),
    }
    with pytest.MonkeyPatch.context() as patch, strictly():
        for name, value in environment.items():
            patch.setitem(os.environ, name, value)
        listen = lambda said: errors.append(said.info.msg) if said.info.level == "error" else None  # noqa: E731
        done = dbtRunner(callbacks=[listen]).invoke(["--log-level", "none", *arguments])
    assert done.success, "\n".join([*errors, str(done.exception or "")])
    return done.result
