"""What dbt promises of each mart and says of each view: columns, key, replaced keys, indexes.

Read from dbt's manifest, which is their only home.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

DAY = "event_date"
"""The day that a row belongs to, in every mart whose rows belong to one: the day on which its session started."""


@dataclass(frozen=True)
class Column:
    """One column of a mart."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Mart:
    """One mart: `audit.<name>` is its candidate, `marts.<name>` what people read."""

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...]
    replaced_keys: str
    """Relation in `intermediate` whose rows say which published rows the candidate replaces."""
    headline: tuple[str, ...] = ()
    """Counts by site and day that people quote: publish writes down when they change later."""

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def has_day(self) -> bool:
        """Whether a row belongs to a day, in column `event_date`; else it is about a visitor's whole history."""
        return DAY in self.column_names

    @property
    def descriptions(self) -> dict[str, str]:
        """What is to be said, by column; '' stands for the table."""
        return {"": self.description} | {column.name: column.description for column in self.columns}


@dataclass(frozen=True)
class View:
    """What is said of one view. Its SQL is in `warehouse/views/`."""

    schema: str
    name: str
    needs: tuple[str, ...]
    """Marts it reads."""
    descriptions: dict[str, str]
    """By column; '' stands for the view."""


def read_marts(manifest: Path) -> tuple[Mart, ...]:
    """All marts of a dbt manifest, by name."""
    nodes = _content(manifest)["nodes"].values()
    models = (node for node in nodes if node["resource_type"] == "model" and node["config"]["schema"] == "audit")
    return tuple(sorted((_mart(model) for model in models), key=lambda mart: mart.name))


def read_views(manifest: Path) -> dict[str, View]:
    """All views that a dbt manifest describes, by `schema.name`."""
    sources = _content(manifest)["sources"].values()
    marts = {mart.name: mart for mart in read_marts(manifest)}
    views = (_view(source, marts) for source in sources if source["config"]["meta"].get("is_view"))
    return {f"{view.schema}.{view.name}": view for view in views}


def code_version(manifest: Path, project_file: Path) -> str:
    """A short hash over all models, seeds, macros and thresholds: two builds with the same version ran the same SQL."""
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
    """Megabytes, asked for at every station of a night."""
    return msgspec.json.decode(manifest.read_bytes())


def _mart(model: dict[str, Any]) -> Mart:
    meta = model["config"]["meta"]
    return Mart(
        name=model["alias"],
        description=model["description"],
        columns=tuple(
            Column(column["name"], column["data_type"], column["description"]) for column in model["columns"].values()
        ),
        primary_key=tuple(meta["primary_key"]),
        indexes=tuple(tuple(columns) for columns in meta.get("indexed_by", ())),
        replaced_keys=meta["replaced_keys"],
        headline=tuple(meta.get("headline", ())),
    )


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
