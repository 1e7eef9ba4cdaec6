"""`footfall …` as a process of its own, and the list of its commands."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from typer.core import TyperGroup

from footfall.cli.commands import typed


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


def commands(group: TyperGroup | None = None, prefix: str = "footfall") -> list[tuple[str, object]]:
    """Every command with its full name."""
    group = group or typer.main.get_command(typed)
    found = []
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        found += commands(command, full) if hasattr(command, "commands") else [(full, command)]
    return found
