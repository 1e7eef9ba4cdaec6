"""A dbt package for a team's own dbt project: what the analyst may read as sources, and what of Footfall reads it.

Names, types and descriptions are those of the database, so that marts and declared properties of one's own are in it.
dbt itself is not run here.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from runtime import files
from runtime.errors import FootfallError
from warehouse.postgres.statements import statement

NAME: Final = "footfall_marts"
SOURCES: Final = {"marts": "footfall", "live": "footfall_live"}
"""Schema → the name of the source."""
WARN_HOURS, ERROR_HOURS = 36, 60
"""Age of the newest published events after which a night, and after which two are missing."""
_ABOUT = {
    "marts": "What Footfall publishes each night, after its checks: all tables in one transaction.",
    "live": "The last minutes, read from raw events, seconds after they landed.",
}
_PROJECT, _SOURCES_FILE, _EXPOSURES_FILE = "dbt_project.yml", "models/sources.yml", "models/exposures.yml"


class PackageError(FootfallError):
    """A folder that cannot take the package, and which can."""


def write_package(connection: Connection, manifest: Path, folder: Path) -> int:
    """Write the package, in place of an earlier one, and return how many relations are in it.

    The connection's role is who reads. The manifest is that of Footfall's own dbt project.

    Raises:
        PackageError: the folder holds something else.
    """
    _require_own(folder)
    sources = list(_sources(connection))
    tables = {(source["schema"], table["name"]) for source in sources for table in source["tables"]}
    content: dict[str, dict[str, Any]] = {
        _PROJECT: {
            "name": NAME,
            "version": version("footfall"),
            "config-version": 2,
            "require-dbt-version": ">=1.10.0",
            "model-paths": ["models"],
        },
        _SOURCES_FILE: {"version": 2, "sources": sources},
        _EXPOSURES_FILE: {"version": 2, "exposures": list(_exposures(json.loads(manifest.read_text()), tables))},
    }
    for name, document in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, msgspec.yaml.encode(document))
    return len(tables)


def _require_own(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    project = folder / _PROJECT
    found = msgspec.yaml.decode(project.read_bytes(), type=dict[str, Any]) if project.exists() else {}
    if found.get("name") != NAME:
        raise PackageError(f"{folder} holds something else: name an empty folder, or one with an earlier {NAME}")


def _sources(connection: Connection) -> Iterator[dict[str, Any]]:
    rows = connection.execute(statement(__file__, "readable_relations"))
    for schema, columns in groupby(rows, lambda row: row.schema):
        fresh = {
            "freshness": {
                "warn_after": {"count": WARN_HOURS, "period": "hour"},
                "error_after": {"count": ERROR_HOURS, "period": "hour"},
            },
            "loaded_at_query": "select max(fresh_until) from marts.sites",
        }
        yield {
            "name": SOURCES[schema],
            "schema": schema,
            "description": _ABOUT[schema],
            **({"config": fresh} if schema == "marts" else {}),
            "tables": [_table(name, list(found)) for name, found in groupby(columns, lambda row: row.relation)],
        }


def _table(name: str, columns: list[Row]) -> dict[str, Any]:
    key = [column.name for column in columns if column.is_key]
    return {
        "name": name,
        "description": _plain(columns[0].about),
        **({"config": {"meta": {"primary_key": key}}} if key else {}),
        "columns": [
            {"name": each.name, "description": _plain(each.description), "data_type": each.data_type}
            for each in columns
        ],
    }


def _exposures(manifest: Mapping[str, Any], tables: Collection[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Give what of Footfall reads these tables, as its own project says it."""
    nodes = manifest["nodes"] | manifest["sources"]
    for exposure in sorted(manifest["exposures"].values(), key=lambda exposure: exposure["name"]):
        read = sorted({_relation(nodes[each]) for each in exposure["depends_on"]["nodes"] if each in nodes})
        yield {
            "name": f"footfall_{exposure['name']}",
            "label": exposure["label"],
            "type": exposure["type"],
            "maturity": exposure["maturity"],
            "description": _plain(exposure["description"]),
            "owner": {"name": exposure["owner"]["name"]},
            "depends_on": [
                f"source('{SOURCES[schema]}', '{name}')" for schema, name in read if (schema, name) in tables
            ],
        }


def _relation(node: Mapping[str, Any]) -> tuple[str, str]:
    """Return schema and name of what a model or a source is for readers: a mart's model is its published table."""
    if node["resource_type"] == "source":
        return node["schema"], node["identifier"]
    return "marts" if node["config"]["schema"] == "audit" else node["schema"], node["alias"]


def _plain(description: str) -> str:
    """Return a text that dbt, which reads descriptions as templates, shows as it is."""
    return description.replace("{", "{{ '{' }}")
