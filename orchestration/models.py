"""The models and lists of the dbt project as assets: one each, with its columns and what it reads.

They are read from dbt's manifest as it is. `dagster-dbt` would import most of dbt for that in each of Dagster's
processes, for which a night has no other use.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec

BUILT = ("model", "seed")


def model_assets(manifest: Path) -> list[dg.AssetSpec]:
    """Return an asset for each model and each list, named for its schema and its relation."""
    content = msgspec.json.decode(manifest.read_bytes())
    nodes = {name: node for name, node in content["nodes"].items() if node["resource_type"] in BUILT}
    read = nodes | content["sources"]
    return [
        dg.AssetSpec(
            _key(node),
            deps=list(dict.fromkeys(_key(read[name]) for name in _needs(node) if name in read)),
            skippable=True,
            group_name=node["config"]["meta"]["dagster"]["group"],
            description="\n\n".join(filter(None, [node["description"], _code(node)])),
            code_version=node["checksum"]["checksum"],
            kinds={"dbt", "postgres"},
            metadata={
                "dagster/table_name": f"{node['schema']}.{node['alias']}",
                "dagster/column_schema": dg.TableSchema(list(_columns(node))),
            },
        )
        for node in nodes.values()
    ]


def _key(node: Mapping[str, Any]) -> dg.AssetKey:
    # What is published is a source of its own: as a mart, it would need the models that read it.
    return dg.AssetKey([node["source_name" if node["resource_type"] == "source" else "schema"], node["name"]])


def _needs(node: Mapping[str, Any]) -> list[str]:
    needs: list[str] = node["depends_on"].get("nodes", [])
    return needs


def _code(node: Mapping[str, Any]) -> str:
    return f"```sql\n{node['raw_code']}\n```" if node["raw_code"] else ""


def _columns(node: Mapping[str, Any]) -> Iterator[dg.TableColumn]:
    for column in node["columns"].values():
        yield dg.TableColumn(column["name"], column["data_type"] or "?", column["description"])
