"""MetricFlow's definitions as a manifest of dbt holds them, and the marts that they are about. Writes no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Semantics:
    """The semantic models and the metrics of a manifest."""

    metrics: Mapping[str, Mapping[str, Any]]
    """Name → metric."""
    models: Sequence[Mapping[str, Any]]

    def model_of(self, measure: str) -> Mapping[str, Any]:
        """Return the semantic model that has the measure."""
        return next(model for model in self.models if measure in _named(model["measures"]))

    def model_with_key(self, entity: str) -> Mapping[str, Any]:
        """Return the semantic model whose rows the entity identifies."""
        return next(model for model in self.models if key_of(model, entity))


def read_semantics(manifest: Mapping[str, Any]) -> Semantics:
    """Read them from a manifest."""
    return Semantics(
        metrics={metric["name"]: metric for metric in manifest["metrics"].values()},
        models=sorted(manifest["semantic_models"].values(), key=lambda model: model["name"]),
    )


def mart_of(model: Mapping[str, Any]) -> str:
    """Return the mart that a semantic model is about."""
    return str(model["node_relation"]["alias"])


def measure_of(model: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a measure of the model."""
    return _named(model["measures"])[name]


def column_of(model: Mapping[str, Any], dimension: str) -> str:
    """Return the SQL of a dimension of the model."""
    return str(_named(model["dimensions"])[dimension]["expr"] or dimension)


def entity_of(model: Mapping[str, Any], name: str) -> str:
    """Return the SQL of an entity of the model."""
    return str(_named(model["entities"])[name]["expr"] or name)


def key_of(model: Mapping[str, Any], entity: str) -> bool:
    """Whether the entity identifies the model's rows."""
    found = _named(model["entities"]).get(entity)
    return model["primary_entity"] == entity or bool(found and found["type"] in ("primary", "unique"))


def _named(parts: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {part["name"]: part for part in parts}
