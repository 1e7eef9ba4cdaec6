"""Look for keys and passwords in everything git knows: `python -m tests.supply_chain.secrets`. Asks no service.

Exit code 1 names file, line and kind of each. Passwords that tests make up are none; keys are, there as well.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

MADE_UP = "Secret Keyword"
"""What detect-secrets calls `password = "…"`."""
TEST_DATA = "tests/data/"
"""Backups of made-up sites: full of hashes, and with the keys of these."""
WRITE_KEY = re.compile(rb"\bff_[A-Za-z0-9_-]{32}")
"""Of a site: by its looks alone a scanner would not know it."""


def find(repository: Path) -> list[str]:
    """Each secret as `file:line: kind`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name and not name.startswith(TEST_DATA)]
    files = [name for name in names if (repository / name).is_file()]
    scanned = SecretsCollection(root=str(repository))
    # File by file: all at once takes a pool of processes, which never ends where SIGTERM is ignored, as in a test's worker.
    with default_settings():
        for name in files:
            scanned.scan_file(name)
    return [
        *_write_keys(repository, files),
        *(
            f"{name}:{secret['line_number']}: {secret['type']}"
            for name, secrets in sorted(scanned.json().items())
            for secret in secrets
            if secret["type"] != MADE_UP or not name.startswith("tests/")
        ),
    ]


def _write_keys(repository: Path, files: list[str]) -> Iterator[str]:
    for name in files:
        for number, line in enumerate((repository / name).read_bytes().splitlines(), start=1):
            if WRITE_KEY.search(line):
                yield f"{name}:{number}: write key of a site"


def main() -> int:
    """Say what was found."""
    found = find(Path.cwd())
    print("\n".join(found) or "no secret in any file")
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main())
