"""Every message of an expected failure leads on: beside what is wrong it says what to do, or what would be right.

What is walked is the code: each place that makes a FootfallError, or complains at the command line. A message without words
of its own passes on another one.
"""

import ast
import re
from functools import cache

import pytest

from runtime.settings import PROJECT

LEADING = re.compile(
    r"footfall |docs/|--\w|"
    r"\b(add|ask|begin|bring|build it|check|choose|declare|drop|end|export|fix|free|give|import|install|keep|leave|let|look"
    r"|make|move|must|name|open|put|read it as|remove|rename|repair|repeat|restore|run|say|see|send|set|start|stop|take|try|turn"
    r"|unset|upgrade|use|wait|want|write)\b|"
    r"\b(are|is none of|known are|neither|such as|takes|there (are|is)|did you mean)\b",
    re.IGNORECASE,
)
"""A command, a page, an option; a word that says what to do; or words before what would be right."""

NO_ORDERS = {
    "GateClosed": "the command that prints it adds what to do",
    "MailError": "kept with the delivery that failed; docs/alarms.md says what each means",
    "NotNow": "an outcome: `footfall today` is run again by itself",
    "NotTaken": "kept with the delivery, which is tried again by itself",
    "Unattributable": "an outcome: the candidate is judged as a whole then",
}
"""Classes whose messages reach no one who could act on them there."""

PACKAGES = ("footfall", "ingestion", "expectations", "warehouse", "orchestration", "runtime", "serving")
PASSED_ON = ("ingestion/importers/survey.py: {}: no line of",)
"""Messages that end with what another function advises."""


@cache
def modules():
    """Each module with its path, parsed."""
    paths = [path for name in PACKAGES for path in sorted((PROJECT / name).rglob("*.py"))]
    return [(path, ast.parse(path.read_text())) for path in paths if "migrations" not in path.parts]


def bases():
    """Class → names of its bases, of all our classes."""
    return {
        node.name: [ast.unparse(base).rpartition(".")[2] for base in node.bases]
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


def is_ours(name, known):
    return name == "FootfallError" or any(is_ours(base, known) for base in known.get(name, ()) if base != name)


def said(node):
    """The words of an expression, with `{}` where values go in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.BinOp):
        return said(node.left) + said(node.right)
    if isinstance(node, ast.IfExp):
        return f"{said(node.body)} / {said(node.orelse)}"
    return "{}"


def messages():
    known = bases()
    ours = {name for name in known if is_ours(name, known)} - NO_ORDERS.keys()
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in ours or name == "complain":
                    yield f"{path.relative_to(PROJECT)}: {' '.join(map(said, node.args))}"


def test_every_message_leads_on():
    found = list(messages())
    assert len(found) > 150
    own = [each for each in found if re.search("[a-z]", each.partition(": ")[2].replace("{}", ""))]
    assert [
        each for each in own if not LEADING.search(each.partition(": ")[2]) and not each.startswith(PASSED_ON)
    ] == []


@pytest.mark.parametrize("name", NO_ORDERS)
def test_every_class_that_is_left_out_is_there(name):
    assert is_ours(name, bases())
