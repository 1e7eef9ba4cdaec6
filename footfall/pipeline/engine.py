"""The models of the candidate that was begun, run by the engine that the settings name: PostgreSQL, or Spark beside it.

On Spark, PostgreSQL's tables are made first, by the same build without rows. Then the slice is handed over, the models
run there, and what is read after a build comes back into these tables: all that follows is as ever.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation, published_marts
from footfall.spark import folder, needs
from runtime.failpoints import reach
from runtime.settings import BuildEngine
from warehouse.postgres.connect import connect, connect_args
from warehouse.postgres.errors import is_by_rows
from warehouse.postgres.roles import Role
from warehouse.publication.held_days import SHARED_BY

_OF_POSTGRES = "config.schema:live"
"""Models that are read where they are built: views for metrics."""
_AT_ONCE = os.cpu_count() or 1
"""Connections with which rows are handed over and brought back."""


def require(installation: Installation) -> None:
    """Require that the engine can build.

    Raises:
        SparkError: it cannot; the message says what to do.
    """
    if installation.settings.engine is BuildEngine.SPARK:
        needs.require(installation.settings)


def build(installation: Installation) -> dict[tuple[str, str], float]:
    """Build all models of the candidate. The caller holds CANDIDATE.

    Returns:
        (schema, name) of each relation → seconds that it took.

    Raises:
        BuildFailed: with what dbt said; marts stay as they are.
        SparkError: Spark does not start, or has no worker any more.
    """
    if installation.settings.engine is BuildEngine.SPARK:
        require(installation)
        return _build_on_spark(installation)
    folder.clear(installation.settings)
    return dbt.build(installation.settings, installation.database.roles[Role.TRANSFORMER])


def _build_on_spark(installation: Installation) -> dict[tuple[str, str], float]:
    from footfall.spark.bring_back import relations_read

    settings, open_one = installation.settings, connections(installation)
    with folder.files_of_a_build(settings) as files:
        reach("spark:begun")
        seconds = dbt.build(settings, installation.database.roles[Role.TRANSFORMER], options=dbt.WITHOUT_ROWS)
        reach("spark:tables_made")
        with ran(installation, files) as done:
            if done.failed:
                # Which days share a session is read even of a candidate that was not built whole.
                if done.failed.failure and done.failed.built.issuperset(SHARED_BY):
                    _bring_back(open_one, done, (f"audit.{name}" for name in SHARED_BY))
                raise done.failed
            reach("spark:built")
            _bring_back(open_one, done, relations_read(published_marts(installation)))
        reach("spark:brought_back")
    return {**seconds, **done.seconds}


@dataclass(frozen=True)
class Ran:
    """What the models have made on Spark, for as long as its session lasts."""

    files: Callable[[str], list[Path]]
    """`schema.name` → the files of that table or view."""
    seconds: Mapping[tuple[str, str], float]
    failed: dbt.BuildFailed | None = None


@contextmanager
def ran(installation: Installation, files: Path) -> Iterator[Ran]:
    """Hand the slice over to Spark, and run the models there."""
    from footfall.spark.hand_over import hand_over
    from footfall.spark.session import files_of, register, session

    settings, user = installation.settings, installation.database.roles[Role.TRANSFORMER]
    parsed = dbt.parsed(settings, user, dbt.SPARK)
    handed = hand_over(connections(installation), sources_of(parsed), files / "handed_over", _AT_ONCE)
    reach("spark:handed_over")
    with session(settings, files) as spark:
        register(spark, handed)
        made = partial(files_of, spark, files)
        try:
            options = (*dbt.BUILD, "--exclude", _OF_POSTGRES)
            done = dbt.run(settings, user, *options, target=dbt.SPARK, parsed=parsed)
        except dbt.BuildFailed as failed:
            yield Ran(made, {}, failed)
        else:
            yield Ran(made, dbt.seconds_of(done.results))


def sources_of(manifest: Any) -> list[str]:
    """Return the sources that the models of a build read, `schema.name`."""
    models = [node for node in manifest.nodes.values() if node.resource_type == "model" and node.schema != "live"]
    read = {name for model in models for name in model.depends_on_nodes if name in manifest.sources}
    return sorted({f"{manifest.sources[name].schema}.{manifest.sources[name].identifier}" for name in read})


def connections(installation: Installation) -> Callable[[], psycopg.Connection]:
    """Return how to open a connection of the build."""
    user = installation.database.roles[Role.TRANSFORMER].update_query_dict({"application_name": "footfall-spark"})
    return partial(connect, user, **connect_args(user, dbt.SESSION))


def _bring_back(open_one: Callable[[], psycopg.Connection], done: Ran, relations: Iterable[str]) -> None:
    from footfall.spark.bring_back import DoesNotFit, bring_back

    try:
        bring_back(open_one, {name: done.files(name) for name in relations}, _AT_ONCE)
    except DoesNotFit as failed:
        model, code = failed.relation.partition(".")[2], failed.sqlstate or ""
        failure = dbt.failure_of(model, code, failed.message) if is_by_rows(code) else None
        raise dbt.BuildFailed(str(failed), failure) from failed
