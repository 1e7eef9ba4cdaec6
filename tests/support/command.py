"""`footfall …` as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def footfall(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "footfall", *arguments],
        env=os.environ | {"FOOTFALL_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
