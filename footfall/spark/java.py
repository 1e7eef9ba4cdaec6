"""The Java that Spark would run on: where it is, and of which version. Starts no Spark."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

SUPPORTED = (17, 21)
"""The oldest and the newest version on which this Spark runs."""
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class Java:
    """A program `java`."""

    program: str
    version: int | None
    """None: it does not say."""

    @property
    def is_supported(self) -> bool:
        """Whether this Spark runs on it."""
        oldest, newest = SUPPORTED
        return self.version is not None and oldest <= self.version <= newest


def find_java() -> Java | None:
    """Return the Java that Spark's own scripts would take: that of JAVA_HOME, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if not program:
        return None
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return Java(program, None)
    found = _VERSION.search(done.stderr + done.stdout)
    return Java(program, int(found[1]) if found else None)
