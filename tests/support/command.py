"""`footfall …` as a process of its own, and the list of its commands."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from typer.core import TyperGroup

from footfall.cli.commands import typed
from footfall.pipeline.installation import Installation

_WALK = """
import json, sys
from footfall.cli.main import app
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["footfall", *arguments]
    try:
        app()
    except SystemExit as ended:
        sys.stderr.flush()
        print(f"\\n== {ended.code} ==", flush=True)
"""
"""Runs one command after the other in one process: imports take most of a command's time."""


def footfall(
    home: Path, *arguments: str, program: Sequence[str] = ("-m", "footfall"), **environment: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env=os.environ | {"FOOTFALL_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def walk(installation: Installation, *given: Sequence[str], **environment: str) -> list[str]:
    """Run commands, and return what each printed, with its exit code first."""
    url = installation.database.administrator.render_as_string(hide_password=False)
    settings = {"FOOTFALL_HOME": str(installation.settings.home), "FOOTFALL_DATABASE_URL": url, "COLUMNS": "150"}
    done = subprocess.run(
        [sys.executable, "-c", _WALK, json.dumps(given)],
        env=os.environ | settings | {"NO_COLOR": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout.decode()
    printed = re.split(r"\n== (\w+) ==\n", done.stdout.decode())
    assert printed.pop().strip() == ""
    assert len(printed) == 2 * len(given)
    return [f"{code} {text}" for text, code in zip(printed[::2], printed[1::2], strict=True)]


def commands(group: TyperGroup | None = None, prefix: str = "footfall") -> list[tuple[str, object]]:
    """Every command with its full name."""
    group = group or typer.main.get_command(typed)
    found = []
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        found += commands(command, full) if hasattr(command, "commands") else [(full, command)]
    return found
