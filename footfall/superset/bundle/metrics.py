"""MetricFlow's metrics as SQL expressions over one mart each, as a dataset of Superset has them.

A metric over two marts has none: a dataset is one mart. `left_out` names these.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from footfall.superset.bundle.semantics import (
    Semantics,
    column_of,
    entity_of,
    key_of,
    mart_of,
    measure_of,
)

_AGGREGATES = {
    "sum": "sum({})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "average": "avg({})",
    "min": "min({})",
    "max": "max({})",
}


class NoExpression(Exception):
    """A metric that is no expression over the rows of one mart, and why."""


@dataclass(frozen=True)
class Joined:
    """A column of another mart that a filter needs: how the dataset comes by it."""

    column: str
    """Its name in the dataset."""
    mart: str
    expression: str
    own_key: str
    other_key: str


@dataclass(frozen=True)
class Expression:
    """A metric over the rows of one mart."""

    mart: str
    sql: str
    joined: frozenset[Joined] = frozenset()


@dataclass(frozen=True)
class Metric:
    """A metric as people read it."""

    name: str
    label: str
    description: str
    expression: Expression
    format: str
    """How it is shown, in the words of d3-format."""


@dataclass(frozen=True)
class Metrics:
    """All metrics of a project, those that Superset can show apart from the others."""

    by_mart: Mapping[str, list[Metric]]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Metric → why it has no expression."""


def read_metrics(semantics: Semantics) -> Metrics:
    """Turn every metric into SQL."""
    found: dict[str, list[Metric]] = {}
    left_out: dict[str, str] = {}
    for name, metric in sorted(semantics.metrics.items()):
        try:
            expression = _expression(semantics, metric)
        except NoExpression as reason:
            left_out[name] = str(reason)
            continue
        shown = Metric(name, metric["label"], metric["description"], expression, _format(metric))
        found.setdefault(expression.mart, []).append(shown)
    return Metrics(found, left_out)


def _expression(semantics: Semantics, metric: Mapping[str, Any]) -> Expression:
    kinds = {"simple": _simple, "ratio": _ratio, "derived": _derived}
    if metric["type"] not in kinds:
        raise NoExpression(f"it is {metric['type']}")
    return kinds[metric["type"]](semantics, metric)


def _simple(semantics: Semantics, metric: Mapping[str, Any]) -> Expression:
    given = metric["type_params"]["measure"]
    model = semantics.model_of(given["name"])
    measure = measure_of(model, given["name"])
    if measure["agg"] not in _AGGREGATES:
        raise NoExpression(f"its measure is {measure['agg']}")
    conditions, joined = _conditions(semantics, model, metric.get("filter"), given.get("filter"))
    sql = _AGGREGATES[measure["agg"]].format(measure["expr"] or measure["name"])
    if conditions:
        sql += f" filter (where {' and '.join(conditions)})"
    if given["fill_nulls_with"] is not None:
        sql = f"coalesce({sql}, {given['fill_nulls_with']})"
    return Expression(mart_of(model), sql, joined)


def _ratio(semantics: Semantics, metric: Mapping[str, Any]) -> Expression:
    parts = metric["type_params"]
    above, below = _input(semantics, parts["numerator"]), _input(semantics, parts["denominator"])
    sql = f"cast({above.sql} as double precision) / nullif({below.sql}, 0)"
    return Expression(_one_mart(metric, above, below), sql, above.joined | below.joined)


def _derived(semantics: Semantics, metric: Mapping[str, Any]) -> Expression:
    parts = metric["type_params"]
    inputs = {given["alias"] or given["name"]: _input(semantics, given) for given in parts["metrics"]}
    names = "|".join(map(re.escape, inputs))
    sql = re.sub(rf"\b({names})\b", lambda match: f"({inputs[match[1]].sql})", parts["expr"])
    joined = frozenset(each for given in inputs.values() for each in given.joined)
    return Expression(_one_mart(metric, *inputs.values()), sql, joined)


def _input(semantics: Semantics, given: Mapping[str, Any]) -> Expression:
    if given.get("filter") or given.get("offset_window") or given.get("offset_to_grain"):
        raise NoExpression("one of its inputs has a filter or an offset of its own")
    return _expression(semantics, semantics.metrics[given["name"]])


def _one_mart(metric: Mapping[str, Any], *inputs: Expression) -> str:
    if metric.get("filter"):
        raise NoExpression("it has a filter over its inputs")
    marts = sorted({each.mart for each in inputs})
    if len(marts) > 1:
        raise NoExpression(f"it is over {' and '.join(marts)}")
    return marts[0]


def _conditions(semantics: Semantics, model: Mapping[str, Any], *filters: Any) -> tuple[list[str], frozenset[Joined]]:
    joined: set[Joined] = set()

    def dimension(name: str) -> str:
        entity, _, column = name.rpartition("__")
        if key_of(model, entity):
            return column_of(model, column)
        other = semantics.model_with_key(entity)
        mine, its = entity_of(model, entity), entity_of(other, entity)
        joined.add(Joined(name, mart_of(other), column_of(other, column), mine, its))
        return name

    templates = [each["where_sql_template"] for given in filters if given for each in given["where_filters"]]
    written = SandboxedEnvironment()
    return [written.from_string(each).render(Dimension=dimension) for each in templates], frozenset(joined)


def _format(metric: Mapping[str, Any]) -> str:
    return ".1%" if metric["type"] == "ratio" and metric["name"].endswith("_rate") else ",.2~f"
