"""`docs/add-a-mart.md`, done word by word on a copy of the project: six files for a mart, four for a column, and so on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from runtime.settings import PROJECT

PAGE = PROJECT / "docs" / "add-a-mart.md"
OWN = "/srv/footfall/models"
"""The folder that the page gives as an example."""
FILES = {"A mart": 6, "A column": 4, "A column from a new event property": 6, "Without touching Footfall": 2}
COPIED = ("bench", "dbt_project", "docs", "expectations", "footfall", "ingestion", "orchestration", "runtime")
ACTS = "tests/support/marts/added.py"

_BLOCK = re.compile(
    r"^`(?P<path>[^`\n]+)`(?:, after `(?P<after>[^\n]+)`|(?P<at_end>, at the end))?:\n\n```\w+\n(?P<block>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def sections():
    """The page's blocks by heading: path, the line to write it after, whether at the end, what to write."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    return {heading: _BLOCK.findall(said) for heading, said in zip(parts[1::2], parts[2::2], strict=True)}


def write(path: Path, after: str, at_end: str, block: str) -> None:
    """Do what one block says. A line to write after is there, and once."""
    if after:
        lines = path.read_text().split("\n")
        assert lines.count(after) == 1, f"{path}: {after}"
        place = lines.index(after) + 1
        path.write_text("\n".join([*lines[:place], *block.rstrip("\n").split("\n"), *lines[place:]]))
    elif at_end:
        assert path.exists(), path
        path.write_text(path.read_text() + ("\n\n" if path.suffix == ".py" else "") + block)
    else:
        assert not path.exists(), path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project on which all of the page was done, and beside it the folder of one's own models."""
    project = tmp_path / "project"
    for folder in (*COPIED, "warehouse", "tests"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", project)
    for blocks in sections().values():
        for path, *change in blocks:
            own = path.startswith(f"{OWN}/")
            write(tmp_path / "models" / path.removeprefix(f"{OWN}/") if own else project / path, *change)
    return project


def test_no_step_takes_more_files_than_the_page_promises():
    found = {heading: len({path for path, *_ in blocks}) for heading, blocks in sections().items() if blocks}
    assert found == FILES
    said = {"Six": 6, "Four": 4}
    for heading, words in re.findall(r"^## (.+)\n\n\*\*(\w+) files\*?\*?", PAGE.read_text(), flags=re.MULTILINE):
        assert said[words] == FILES[heading]


@pytest.mark.nights
def test_what_the_page_says_makes_marts_that_keep_every_promise(copy: Path, server_url: URL):
    """The acts are in `tests/support/marts/added.py`; beside them the copy's own tests of checks, of what they know."""
    tests = (ACTS, "tests/expectations/test_suites.py", "tests/promises/test_order.py")
    chosen = "added or daily_landing_pages or a_world_that_is_right or every_mart or every_query or every_column"
    given = {
        "FOOTFALL_TEST_DATABASE_URL": server_url.render_as_string(hide_password=False),
        "OWN_MODELS": str(copy.parent / "models"),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests, "-k", chosen],
        cwd=copy,
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout
