"""Processes that a test does not start itself, as `footfall up` has ended when `footfall down` stops what it started."""

import subprocess
import sys
from pathlib import Path

from runtime.processes import Process

_START = """
import sys
from pathlib import Path
from runtime.processes import Process
name, folder, *command = sys.argv[1:]
Process(name, command, {}, Path(folder) / "run", Path(folder) / "log").start()
"""


def start_elsewhere(name: str, folder: Path, *command: str) -> Process:
    """Start a process from another one."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", _START, name, folder, *command], check=True)
    return Process(name, list(command), {}, folder / "run", folder / "log")
