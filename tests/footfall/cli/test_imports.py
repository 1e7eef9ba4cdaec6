"""A command imports only what it needs: imports are most of the time that a person waits."""

import json
import subprocess
import sys

import pytest

from tests.support.command import footfall

RUN = """
import json, sys
from footfall.cli.main import app
sys.argv = ["footfall", *sys.argv[1:]]
try:
    app()
except SystemExit:
    pass
packages = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print("\\n" + json.dumps(sorted(name for name in packages if not name.startswith("_"))))
"""
TERMINAL = {
    *("annotated_doc", "attr", "footfall", "markdown_it", "mdurl", "msgspec", "pygments", "rich", "runtime"),
    *("shellingham", "typer", "typing_extensions"),
}
"""Packages that draw help and tables, and ours that read what was typed."""
DATABASE = {
    *("ingestion", "psutil", "psycopg", "psycopg_binary", "sqlalchemy", "warehouse", "zstandard"),
    *("annotated_types", "pydantic", "pydantic_core", "typing_inspection"),
    "cython_runtime",
}
"""Packages that ask the database, and ours; Typer reads arguments with pydantic."""


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        (["--help"], TERMINAL),
        (["status"], TERMINAL | DATABASE),
        (["site", "list"], TERMINAL | DATABASE),
        (["retention", "list"], TERMINAL | DATABASE),
    ],
)
def test_a_command_imports_only_these_packages(installation, arguments, packages):
    url = installation.database.administrator.render_as_string(hide_password=False)
    done = footfall(installation.settings.home, *arguments, program=["-c", RUN], FOOTFALL_DATABASE_URL=url)
    assert set(json.loads(done.stdout.splitlines()[-1])) <= packages, done.stderr


def test_a_command_that_may_be_started_again_has_imported_nothing_yet():
    asked = (
        "import sys, footfall.cli.main; print(*{n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", asked], capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if not name.startswith("_")} <= {"footfall", "runtime"}
