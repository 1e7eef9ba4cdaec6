"""A session of Spark in this process: started, given its tables, and stopped. What it needs is in `needs`.

What Footfall does not fix here is Spark's own configuration: `spark-defaults.conf` in the folder SPARK_CONF_DIR.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footfall.spark.needs import SparkError, is_local
from runtime.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIXED = {
    # What a model means must not depend on where it runs.
    "spark.sql.session.timeZone": "UTC",
    # A cast that fails and a sum that does not fit are errors, as they are in PostgreSQL.
    "spark.sql.ansi.enabled": "true",
    # Microseconds, as PostgreSQL has them; Spark's older form cannot be read without loss.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.sources.default": "parquet",
    "spark.sql.catalogImplementation": "in-memory",
    # What a condition implies for other columns is worked out for all their names, and our queries have hundreds.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What Footfall fixes in every session."""
_LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}
WORKERS_SECONDS = 60.0
"""How long a session without any worker waits for one."""

ENDING_SECONDS = 30.0
"""How long Spark's process may take to end; then it is killed."""


@contextmanager
def session(settings: Settings, folder: Path) -> Iterator["SparkSession"]:
    """Give a session whose own tables lie in the folder, and stop it at the end.

    Raises:
        SparkError: it does not start, or no worker of the cluster has room for it.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(settings.spark_url).appName("footfall")
    for name, value in configuration(settings, folder).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        raise SparkError(f"Spark does not start at {settings.spark_url}: {error}") from error
    try:
        spark.sparkContext.setLogLevel("ERROR")
        with _watched(spark, settings.spark_url):
            yield spark
    finally:
        try:
            spark.stop()
        finally:
            _end_java()


def _end_java() -> None:
    """End Spark's own process, which pyspark would keep for the next session: a night is one in a day."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway:
        gateway.shutdown()
        process = gateway.proc
        process.stdin.close()
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def configuration(settings: Settings, folder: Path) -> dict[str, str]:
    """Return the configuration of a session."""
    made = FIXED | {"spark.sql.warehouse.dir": (folder / "warehouse").as_uri()}
    if is_local(settings.spark_url):
        # A shuffle has 200 parts otherwise, which on few cores are mostly empty files.
        parts = 2 * cores_of(settings.spark_url)
        made |= _LOCAL | {"spark.local.dir": str(folder / "local"), "spark.sql.shuffle.partitions": str(parts)}
    return made


def cores_of(url: str) -> int:
    """Return how many cores of this machine a local session takes."""
    return (os.cpu_count() or 1) if url == "local[*]" else int(url.removeprefix("local[").removesuffix("]"))


def register(spark: "SparkSession", handed: Mapping[str, Path]) -> None:
    """Make tables of folders of Parquet files: `schema.name` → folder."""
    for name, folder in handed.items():
        spark.sql(f"create schema if not exists {name.partition('.')[0]}")
        spark.sql(f"create table {name} using parquet location '{folder.as_uri()}'")


def files_of(spark: "SparkSession", folder: Path, name: str) -> list[Path]:
    """Return the files of a table or view `schema.name` that a session with this folder has made."""
    schema, _, table = name.partition(".")
    path = folder / "warehouse" / f"{schema}.db" / table
    if not path.exists():
        path = folder / "views" / name
        spark.table(name).write.parquet(path.as_uri())
    return sorted(path.glob("part-*.parquet"))


def threads(url: str) -> int:
    """Return how many models are built at once: with one more than cores, one that others wait for starts early."""
    return 1 + (cores_of(url) if is_local(url) else max(os.cpu_count() or 1, 8))


@contextmanager
def _watched(spark: "SparkSession", url: str) -> Iterator[None]:
    """See to it that a cluster without workers is an error: Spark itself would wait for one for ever.

    Raises:
        SparkError: for as long as WORKERS_SECONDS there was no worker.
    """
    if is_local(url):
        yield
        return
    is_over, is_lost = threading.Event(), threading.Event()
    watch = threading.Thread(target=_watch, args=(spark, is_over, is_lost), daemon=True)
    watch.start()
    try:
        yield
    except Exception as error:
        if is_lost.is_set():
            raise SparkError(f"{url} has had no worker for {WORKERS_SECONDS:.0f} s: start one, or free some") from error
        raise
    finally:
        is_over.set()
        watch.join()


def _watch(spark: "SparkSession", is_over: threading.Event, is_lost: threading.Event) -> None:
    context: Any = spark.sparkContext._jsc.sc()
    seen_at = time.monotonic()
    while not is_over.wait(1):
        with suppress(Exception):  # Of py4j, whatever Spark's process died of.
            # The driver itself is one of them.
            if not context.isStopped() and context.getExecutorMemoryStatus().size() > 1:
                seen_at = time.monotonic()
            if time.monotonic() - seen_at < WORKERS_SECONDS:
                continue
            # Stopped there, and not here: dbt would start a session of its own for the models that are left.
            context.stop()
        is_lost.set()
        return
