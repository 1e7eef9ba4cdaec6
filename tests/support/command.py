"""`footfall …` as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


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
