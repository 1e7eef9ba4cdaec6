"""Each reason for which an event is rejected has words for what fixes it, and no reason is named that is not given."""

import ast
import re

from ingestion.rejects.reasons import FIXES
from runtime.settings import PROJECT

SOURCES = [path for path in sorted((PROJECT / "ingestion").rglob("*.py")) if path.parent.name != "rejects"]
GIVING = re.compile(r"(?:_RefusalError|_Reject|(?<![a-z_])reject)$")


def texts(node):
    """The texts in an expression, but for names of fields: those stand after the reason."""
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def given():
    """Every reason that code gives, by calls that reject and by functions that return or note a reason."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and GIVING.search(ast.unparse(node.func)):
                found.update(next((list(texts(argument)) for argument in node.args if texts(argument)), []))
            elif isinstance(node, ast.FunctionDef) and node.name in ("find_fault", "_measure"):
                found.update(
                    text
                    for each in ast.walk(node)
                    if isinstance(each, ast.Return) and each.value
                    for text in texts(each.value)
                )
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason" and path.name == "reader.py":
                found.update(texts(node.value))
    found.add("id_conflict")
    assert "'id_conflict'" in (PROJECT / "ingestion/load/deduplicate.sql").read_text()
    return {each for each in found if re.fullmatch("[a-z_]+", each)}


def test_every_reason_has_words_for_what_fixes_it_and_no_other_has():
    not_reasons = {"client_timestamp", "properties"}  # Compared with, where the reason is chosen.
    assert given() - not_reasons == set(FIXES)


def test_the_documentation_lists_every_reason_with_the_same_words():
    listed = re.findall(r"^\| `(\w+)` \| (.*) \|$", (PROJECT / "docs/events.md").read_text(), re.MULTILINE)
    assert {reason: fix for reason, fix in listed if reason in FIXES} == FIXES
