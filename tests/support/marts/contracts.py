"""The marts and their suites as the project's yml files say, without asking dbt: tests are made from them."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from expectations.suites import suites_of
from footfall.pipeline.dbt import variables
from runtime.settings import PROJECT
from warehouse.tables.contracts import Mart, read_marts

MODELS = PROJECT / "dbt_project" / "models"


KEYS = [path.stem for path in MODELS.glob("*/replaced_*.sql")]
"""The models that say what publishing replaces."""


def contracts(folder: Path = MODELS) -> list[dict]:
    """What the yml files below a folder say of marts."""
    files = (_with_variables(path.read_text()) for path in sorted(folder.rglob("*.yml")))
    models = (model for said in files if "schema: audit" in said for model in yaml.safe_load(said).get("models", ()))
    return [model for model in models if model.get("config", {}).get("schema") == "audit"]


def _with_variables(said: str) -> str:
    """A yml file in which variables of the project are what they stand for."""
    return re.sub(r"\"\{\{ var\('(\w+)'\) \}\}\"", lambda found: json.dumps(variables()[found[1]]), said)


def marts_of(models: list[dict]) -> tuple[Mart, ...]:
    """The marts, as they are read from a manifest that says the same."""
    with TemporaryDirectory() as folder:
        manifest = Path(folder) / "manifest.json"
        nodes = {model["name"]: _node(model) for model in models}
        nodes |= {key: {"resource_type": "model", "alias": key, "config": {"schema": "intermediate"}} for key in KEYS}
        nodes |= {f"{model['name']}:{number}": test for model in models for number, test in enumerate(_tests(model))}
        manifest.write_text(json.dumps({"nodes": nodes}))
        return read_marts(manifest)


def _node(model: dict) -> dict:
    columns = {
        column["name"]: {"description": "", "constraints": [], "config": {"meta": {}}} | column
        for column in model["columns"]
    }
    config = model["config"] | {"meta": model["config"].get("meta", {})}
    name = model["name"]
    where = {"resource_type": "model", "unique_id": name, "alias": name, "patch_path": f"footfall://{name}.yml"}
    return model | where | {"columns": columns, "config": config}


def _tests(model: dict) -> list[dict]:
    return [
        {
            "resource_type": "test",
            "attached_node": model["name"],
            "test_metadata": {"name": name, "kwargs": given["arguments"]},
        }
        for test in model.get("data_tests", ())
        for name, given in test.items()
    ]


CONTRACTS = contracts()
MARTS = marts_of(CONTRACTS)
SUITES = suites_of(MARTS)
