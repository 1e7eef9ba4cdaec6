"""Where things lie: who imports whom among tests, how full a room is, what a package may hold. Reads, and runs nothing."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from runtime.settings import PROJECT

LINTER = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES = tuple(LINTER["root_packages"])
FILES = [
    path.relative_to(PROJECT)
    for top in (*PACKAGES, "tests")
    for path in sorted((PROJECT / top).rglob("*.py"))
    if "__pycache__" not in path.parts
]
TESTS = [path for path in FILES if path.parts[0] == "tests"]
MOST_FILES = 12
FLAT_LISTS = {"footfall/cli", "ingestion/importers/dialects", "warehouse/migrations/versions"}
"""Folders with a file for each thing of one kind: commands, clients of other systems, migrations."""
NAMELESS = {"common", "helper", "helpers", "misc", "util", "utils"}


def module(path: Path) -> str:
    """The name by which a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """The full names of all that a file imports, in functions too: modules, and what is taken from them."""
    for node in ast.walk(ast.parse((PROJECT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(path.parts[: len(path.parts) - node.level]) if node.level else ""
            origin = ".".join(part for part in (above, node.module) if part)
            yield origin
            yield from (f"{origin}.{name.name}" for name in node.names)


def layers() -> set[str]:
    """The packages and modules that stand in a layer of import-linter."""
    contracts = [contract for contract in LINTER["contracts"] if contract["type"] == "layers"]
    return {name.strip() for contract in contracts for layer in contract["layers"] for name in layer.split("|")}


def test_no_test_module_is_imported():
    test_modules = {module(path) for path in TESTS if path.stem == "conftest" or path.stem.startswith("test_")}
    assert [(str(path), name) for path in TESTS for name in imported(path) if name in test_modules] == []


def test_a_room_holds_at_most_twelve_files():
    held = Counter(path.parent.as_posix() for path in FILES if path.stem != "__init__")
    assert {room: count for room, count in held.items() if count > MOST_FILES and room not in FLAT_LISTS} == {}


def test_a_package_itself_holds_its_docstring_and_nothing_else():
    for path in FILES:
        if path.name == "__init__.py":
            tree = ast.parse((PROJECT / path).read_text())
            assert ast.get_docstring(tree), path
            assert len(tree.body) == 1, path


def test_every_file_and_folder_is_named_for_what_it_holds():
    assert [path for path in FILES if NAMELESS & {*path.with_suffix("").parts}] == []


def test_every_package_with_modules_of_its_own_stands_in_a_layer():
    packages = {path.parent for path in FILES if path.name == "__init__.py" and path.parts[0] != "tests"}
    holding = {path.parent for path in FILES if path.stem not in ("__init__", "__main__")}
    names = {".".join(package.parts) for package in packages & holding}
    assert sorted(names - layers()) == []


def test_every_package_of_the_project_is_examined():
    """The rules above go by import-linter's list of packages: each folder with an `__init__.py` must stand in it."""
    found = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert found == set(PACKAGES)
