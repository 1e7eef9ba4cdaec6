"""Superset's environment: made from the lock file beside this module, away from Footfall's own packages."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.environment import without_foreign
from runtime.errors import FootfallError
from runtime.files import require_room

LOCK = Path(__file__).parent / "requirements.txt"
"""Every package with its version and hashes; `make superset-lock` writes it."""
_PYTHONS = ((3, 11), (3, 12))
"""For others some of its packages have no wheels."""


class InstallFailed(FootfallError):
    """Superset's packages could not be installed, and why."""


def ready(home: Path, say: Callable[[str], None]) -> Path:
    """Return the Python of the environment; make the environment first if there is none of this lock.

    Raises:
        InstallFailed: no Python fits, or the packages cannot be had as they are locked.
    """
    base = _python()
    folder = home / "superset" / f"environment-{_version(base)}"
    python = folder / "bin" / "python"
    made = folder / "ready"
    if made.exists():
        return python
    require_room(home)
    for old in folder.parent.glob("environment-*"):
        shutil.rmtree(old)
    say("installing Superset, once: a minute or two")
    _run([base, "-m", "venv", str(folder)], "it could not make an environment")
    _run(
        [
            *(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(LOCK)),
        ],
        "pip could not install what is locked",
    )
    made.touch()
    return python


def _python() -> str:
    """Return a Python that Superset runs with: this one, or else one in PATH."""
    if sys.version_info[:2] in _PYTHONS:
        return sys.executable
    names = [f"python{major}.{minor}" for major, minor in reversed(_PYTHONS)]
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    raise InstallFailed(f"Superset needs one of {', '.join(names)}, and none is in PATH: install one")


def _version(base: str) -> str:
    return hashlib.sha256(LOCK.read_bytes() + base.encode()).hexdigest()[:12]


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, env=without_foreign(os.environ), capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise InstallFailed(f"Superset is not installed: {what}. It said:\n{said}\nRun the same command again.")
