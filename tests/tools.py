"""What the tests need that is no Python package: `python -m tests.tools`, or with `--install` as `make test-tools` does.

It looks for the programs and installs them. Which test uses which is in the tests.
"""

import os
import shutil
import subprocess
import sys

TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "nodejs": ("node", "nodejs"),
    "faketime": ("faketime",),
    "xvfb": ("Xvfb",),
    "openbox": ("openbox",),
}
"""Debian's package → names of its program, any of which will do."""


def find(package: str) -> str | None:
    """Return the path of the package's program, or None if it is missing."""
    return next(filter(None, map(shutil.which, TOOLS[package])), None)


def program(package: str) -> str:
    """Return the path of the package's program. A test without it fails with what to do."""
    found = find(package)
    assert found, f"no {package} on this machine: make test-tools"
    return found


def install(packages: list[str]) -> None:
    """Install by apt, as root or through sudo."""
    apt = [*([] if os.geteuid() == 0 else ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*apt, "update", "--quiet"], check=True)
    subprocess.run([*apt, "install", "--yes", "--quiet", "--no-install-recommends", *packages], check=True)


def main() -> None:
    """Install what is missing, or end with its list."""
    missing = [package for package in TOOLS if not find(package)]
    if missing and "--install" in sys.argv:
        install(missing)
    elif missing:
        sys.exit(f"The tests need {', '.join(missing)}. `make test-tools` installs that by apt.")


if __name__ == "__main__":
    main()
