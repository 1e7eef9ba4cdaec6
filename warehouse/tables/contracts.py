"""The contract of each mart and the description of each view. Both stand in dbt's manifest and nowhere else.

A mart that has not decided about itself is refused here, before anything is built, pruned or erased.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from warehouse.tables.decisions import Column, ColumnMeta, ContractError, Label, Mart, Meta, Reference, Retention
from warehouse.tables.soundness import SITE, require_sound

Decision = TypeVar("Decision", Meta, ColumnMeta)

__all__ = ["Column", "ContractError", "Mart", "View", "code_version", "read_marts", "read_views"]


@dataclass(frozen=True)
class View:
    """The description of one view. Its SQL is in `warehouse/tables/views/`."""

    schema: str
    name: str
    needs: tuple[str, ...]
    """What must be there before it, `schema.name`."""
    descriptions: dict[str, str]
    """Column → text; '' stands for the view."""


def read_marts(manifest: Path) -> tuple[Mart, ...]:
    """Return all marts of a dbt manifest, sorted by name.

    Raises:
        ContractError: one has not decided about itself, or not soundly.
    """
    return _read_marts(manifest, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read_marts(manifest: Path, changed_at: int) -> tuple[Mart, ...]:
    nodes = _content(manifest)["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model"]
    ours = [model for model in models if model["config"]["schema"] == "audit"]
    references = _references(nodes)
    marts = tuple(sorted((_mart(model, references) for model in ours), key=lambda mart: mart.name))
    keys = {model["alias"] for model in models if model["config"]["schema"] == "intermediate"}
    require_sound(marts, keys, {model["alias"]: _file(model) for model in ours})
    return marts


def read_views(manifest: Path) -> dict[str, View]:
    """Read all views that a dbt manifest describes.

    Returns:
        `schema.name` → view.
    """
    sources = _content(manifest)["sources"].values()
    marts = {mart.name: mart for mart in read_marts(manifest)}
    views = (_view(source, marts) for source in sources if source["config"]["meta"].get("is_view"))
    return {f"{view.schema}.{view.name}": view for view in views}


def code_version(manifest: Path, project_file: Path) -> str:
    """Return a short hash of all models, seeds, macros and thresholds. Builds of the same version ran the same SQL."""
    content = _content(manifest)
    parts = [
        f"{key}:{node.get('checksum', {}).get('checksum') or node.get('macro_sql', '')}"
        for section in ("nodes", "macros")
        for key, node in sorted(content[section].items())
        if node["package_name"] == content["metadata"]["project_name"]
    ]
    return hashlib.sha256("\n".join([*parts, project_file.read_text()]).encode()).hexdigest()[:12]


def _content(manifest: Path) -> dict[str, Any]:
    return _parsed(manifest, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _parsed(manifest: Path, changed_at: int) -> dict[str, Any]:
    """Parse the manifest once: it has megabytes, and every step of a night reads it."""
    return msgspec.json.decode(manifest.read_bytes())


def _references(nodes: Iterable[dict[str, Any]]) -> Mapping[str, list[Reference]]:
    """Return the id of a model → what its data tests `belongs_to` say."""
    found: dict[str, list[Reference]] = defaultdict(list)
    for node in nodes:
        if node["resource_type"] == "test" and (node["test_metadata"] or {}).get("name") == "belongs_to":
            said = node["test_metadata"]["kwargs"]
            found[node["attached_node"]].append(Reference(said["to"], tuple(said["columns"])))
    return found


def _mart(model: dict[str, Any], references: Mapping[str, Sequence[Reference]]) -> Mart:
    where = f"{_file(model)}: mart {model['alias']}"
    if not model["config"]["contract"]["enforced"]:
        raise ContractError(f"{where}: config.contract must be enforced, else its columns are unknown")
    meta = _decided(model["config"]["meta"], Meta, f"{where}: config.meta")
    columns = tuple(_column(column, where) for column in model["columns"].values())
    _require_labels(meta, columns, where)
    return Mart(
        name=model["alias"],
        description=model["description"],
        columns=columns,
        primary_key=meta.primary_key,
        indexes=meta.indexed_by,
        replaced_keys=meta.replaced_keys,
        retention=Retention(policy=meta.retention) if isinstance(meta.retention, str) else meta.retention,
        people=None if meta.people == "none" else meta.people,
        labels={name: label for name, label in meta.labels.items() if isinstance(label, Label)},
        headline=meta.headline,
        checks=meta.checks,
        belongs_to=tuple(sorted(references.get(model["unique_id"], ()), key=lambda reference: reference.mart)),
    )


def _column(column: dict[str, Any], where: str) -> Column:
    return Column(
        column["name"],
        column["data_type"],
        column["description"],
        is_required=any(constraint["type"] == "not_null" for constraint in column["constraints"]),
        rules=_decided(column["config"]["meta"], ColumnMeta, f"{where}: column {column['name']}: config.meta"),
    )


def _require_labels(meta: Meta, columns: tuple[Column, ...], where: str) -> None:
    """Require that each text column of figures is a label, is declared harmless, or has a list of values."""
    if meta.people != "none":
        return
    for column in columns:
        if column.is_text and column.name != SITE and not column.rules.values and column.name not in meta.labels:
            raise ContractError(
                f"{where}: config.meta.labels says nothing of {column.name}: can the text name one person alone?"
                " Say what it counts, or `harmless`, or give the column its `values`"
            )


def _decided(said: dict[str, Any], kind: type[Decision], where: str) -> Decision:
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise ContractError(f"{where}: {error}; see docs/add-a-mart.md") from None


def _file(model: dict[str, Any]) -> str:
    """Return the file that decides about the model: its yml, or if it has none, its query."""
    return (model["patch_path"] or model["original_file_path"]).rpartition("://")[2]


def _view(source: dict[str, Any], marts: dict[str, Mart]) -> View:
    meta = source["config"]["meta"]
    inherited = marts[meta["columns_of"]].descriptions if "columns_of" in meta else {}
    own = {column["name"]: column["description"] for column in source["columns"].values()}
    return View(
        schema=source["schema"],
        name=source["identifier"],
        needs=tuple(meta.get("needs", ())),
        descriptions=inherited | own | {"": source["description"]},
    )
