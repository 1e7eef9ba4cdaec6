"""Metrics as SQL for a connection of one's own: what MetricFlow compiles of their names. It asks no database.

MetricFlow's engine is used without dbt's adapter. Compiling takes some 20 ms then, and the first time half a second for
the import; `footfall metrics query`, which is a process of its own, takes five seconds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from footfall.answers.questions import days_asked_for, to_psycopg
from runtime.errors import FootfallError

MOST_KEPT = 256
"""Compiled queries that are kept, the last used ones."""
_WHERE = "{{ Entity('site') }} = :site and " + days_asked_for("{{ TimeDimension('metric_time', 'day') }}")


class MetricError(FootfallError):
    """Metrics that cannot be asked for. `parameter` is what to change."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


@dataclass(frozen=True)
class MetricQuery:
    """Names of metrics, and of what they are grouped by."""

    metrics: tuple[str, ...]
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """The SQL of metrics, as psycopg takes it: about one site and its days, with pages and their `total`."""

    sql: str
    takes: frozenset[str]
    columns: tuple[str, ...]
    """What is grouped by, then the metrics; `total` comes after them."""


class MetricCompiler:
    """The metrics of MetricFlow's manifest, which is read when it is first needed. Threads may share it."""

    def __init__(self, manifest: Path) -> None:
        self._manifest = manifest
        self._lock = Lock()
        self._engine: Any = None
        self._kept: Callable[[MetricQuery], Compiled] = lru_cache(MOST_KEPT)(self._compile)

    def compile(self, asked: MetricQuery) -> Compiled:
        """Return the SQL of metrics. What was compiled lately is kept.

        Raises:
            MetricError: there is no such metric, or they cannot be grouped so.
        """
        with self._lock:
            return self._kept(asked)

    def metrics(self) -> dict[str, str]:
        """List the metrics.

        Returns:
            Name → what it is, sorted by name.
        """
        with self._lock:
            return {metric.name: metric.description for metric in self._known()}

    def groups(self, metrics: tuple[str, ...]) -> list[str]:
        """Return the names of what these metrics can be grouped by together.

        Raises:
            MetricError: there is no such metric.
        """
        with self._lock:
            _require("metrics", metrics, [metric.name for metric in self._known()])
            return self._groups(metrics)

    def _compile(self, asked: MetricQuery) -> Compiled:
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
        from metricflow_semantics.errors.error_classes import InvalidQueryException

        _require("metrics", asked.metrics, [metric.name for metric in self._known()])
        _require("group_by", asked.group_by, self._groups(asked.metrics))
        request = MetricFlowQueryRequest.create(
            metric_names=asked.metrics, group_by_names=asked.group_by, where_constraints=[_WHERE]
        )
        try:
            found = self._engine.explain(request)
        except InvalidQueryException:
            raise MetricError(
                "group_by", "these metrics cannot be grouped so: ask for fewer groups, or for each metric alone"
            ) from None
        return _paged(found)

    def _known(self) -> list[Any]:
        self._engine = self._engine or _engine(self._manifest)
        return sorted(self._engine.list_metrics(include_dimensions=False), key=lambda metric: metric.name)

    def _groups(self, metrics: tuple[str, ...]) -> list[str]:
        groups = self._engine.list_group_bys(metric_names=list(metrics), include_derived_time_granularities=True)
        # Of groups that are entities MetricFlow gives the name alone.
        return [getattr(group, "dunder_name", group.name) for group in groups]


def _require(parameter: str, asked: tuple[str, ...], known: list[str]) -> None:
    for number, name in enumerate(asked):
        if name not in known:
            raise MetricError(parameter, f"there is no {name!r} here; there is {', '.join(known)}")
        if name in asked[:number]:
            raise MetricError(parameter, f"{name!r} is given twice: name it once")


def _engine(manifest: Path) -> Any:
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
    from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    class Client:
        """As much of a connection as compiling takes."""

        sql_engine_type = SqlEngine.POSTGRES
        sql_plan_renderer = PostgresSQLSqlPlanRenderer()

    for name in ("metricflow", "metricflow_semantics"):
        logging.getLogger(name).setLevel(logging.ERROR)  # They log what is asked.
    read = parse_manifest_from_dbt_generated_manifest(manifest_json_string=manifest.read_text())
    return MetricFlowEngine(semantic_manifest_lookup=SemanticManifestLookup(read), sql_client=Client())


def _paged(found: Any) -> Compiled:
    """Return the rows of a query in the order of what they are grouped by, page by page, each day as a date."""
    groups, spec = [each.dunder_name for each in found.query_spec.linkable_specs], found.query_spec
    days = {each.dunder_name for each in spec.time_dimension_specs}
    columns = (*groups, *(each.dunder_name for each in spec.metric_specs))
    listed = ", ".join(f"cast({name} as date) as {name}" if name in days else name for name in columns)
    order = f"order by {', '.join(map(str, range(1, len(groups) + 1)))}" if groups else ""
    sql, takes = to_psycopg(
        f"select {listed}, count(*) over () as total from ({found.sql_statement.sql}) as found"
        f" {order} limit :rows offset (:page - 1) * :rows"
    )
    return Compiled(sql, takes, columns)
