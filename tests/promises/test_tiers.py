"""`docs/promises.md` names tests that exist, and of each promise some that `make test` runs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import PROJECT

ROW = re.compile(r"^\| (P\d+) \|.*\| ([^|]+) \|$", re.MULTILINE)
PROMISES = {
    name: re.findall(r"`(tests/[^`]+)`", named)
    for name, named in ROW.findall((PROJECT / "docs/promises.md").read_text())
}
LATER = {"nights", "proof"}
"""Marks of tests that `make test` leaves to others."""


def marks(node: ast.AST) -> set[str]:
    """The marks that an expression or a decorator gives."""
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def quick_tests(path: Path) -> Iterator[str]:
    """The names of tests of a file that `make test` runs in each of their cases."""
    of_all: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            of_all = marks(node.value)
        if isinstance(node, ast.FunctionDef) and not LATER & of_all.union(*map(marks, node.decorator_list)):
            yield from [node.name] if node.name.startswith("test_") else []


def test_every_promise_is_in_the_table():
    assert list(PROMISES) == [f"P{number}" for number in range(1, 11)]


@pytest.mark.parametrize("promise", PROMISES)
def test_some_of_the_tests_that_a_promise_names_are_quick(promise):
    named = [PROJECT / path for path in PROMISES[promise]]
    assert [path for path in named if not path.exists()] == []
    files = [file for path in named for file in ([path] if path.is_file() else path.rglob("test_*.py"))]
    assert [name for file in files for name in quick_tests(file)]
