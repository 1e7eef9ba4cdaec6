"""The notebook of the examples runs from its first cell to its last, and holds no output of anybody's."""

import json
import os
import subprocess
import sys

import pytest

from runtime.settings import PROJECT

pytestmark = pytest.mark.xdist_group("published")

NOTEBOOK = json.loads((PROJECT / "examples" / "first_look.ipynb").read_text())
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
RUN = """
import json, sys
names = {}
for number, cell in enumerate(json.loads(sys.stdin.read())):
    exec(compile(cell, f"cell {number}", "exec"), names)
print(len(names["trends"]), len(names["sessions"]), names["chart"].to_dict()["mark"]["type"])
"""
"""Runs the cells as a kernel would, each in the names of those before."""


def test_the_cells_run_in_their_order(published):
    url = published.database.administrator.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env=os.environ | {"FOOTFALL_HOME": str(published.settings.home), "FOOTFALL_DATABASE_URL": url},
        cwd=PROJECT,
        input=json.dumps(CELLS),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["3", "9", "line"]), done.stderr


def test_it_is_kept_without_outputs():
    assert [cell for cell in NOTEBOOK["cells"] if cell.get("outputs") or cell.get("execution_count")] == []
