"""How dbt is called: its folders, its environment, its arguments. The models are in `dbt_project/`."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from footfall.settings import PROJECT, Settings

PROJECT_DIR = PROJECT / "dbt_project"
WAREHOUSE, PUBLISHED = "warehouse", "published"
"""The targets of `profiles.yml`: where candidates are built, as the owner; where marts are read, as the analyst."""
BUILD = ("build", "--no-write-json", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
"""A night's build: seeds and models. The gate is the expectations; dbt's own tests are for development."""


class BuildFailed(Exception):
    """dbt could not build the candidate; with what it said."""


def executable() -> str:
    """The dbt beside our own Python, tied to the process that starts it (`footfall.tether`)."""
    return str(Path(sys.executable).parent / "footfall-dbt")


def target_path(settings: Settings, target: str) -> Path:
    """What dbt compiles for a target, and its manifest. Each target has its own: relations have other names."""
    return settings.dbt_target if target == WAREHOUSE else settings.home / "dbt" / target / "target"


def environment(settings: Settings, user: URL, target: str = WAREHOUSE) -> dict[str, str]:
    """What dbt reads from its environment: the database, its folders, and no word to anyone outside."""
    return {
        "FOOTFALL_PG_HOST": user.host or "",
        "FOOTFALL_PG_PORT": str(user.port or 5432),
        "FOOTFALL_PG_USER": user.username or "",
        "FOOTFALL_PG_PASSWORD": str(user.password or ""),
        "FOOTFALL_PG_DATABASE": user.database or "",
        "DBT_TARGET": target,
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target_path(settings, target)),
        "DBT_LOG_PATH": str(settings.logs),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def run(settings: Settings, user: URL, *arguments: str, target: str = WAREHOUSE) -> None:
    """Run dbt and wait for it.

    Raises:
        BuildFailed: it did not succeed.
    """
    settings.logs.mkdir(parents=True, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [executable(), *arguments],
        env=inherited | environment(settings, user, target),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildFailed(done.stdout.strip())


def manifest(settings: Settings, user: URL, target: str = WAREHOUSE) -> Path:
    """dbt's manifest of the project as it is now, parsed anew if a file changed since."""
    path = target_path(settings, target) / "manifest.json"
    if not path.exists() or path.stat().st_mtime < _newest_file():
        run(settings, user, "parse", "--quiet", target=target)
    return path


def _newest_file() -> float:
    return max(path.stat().st_mtime for path in PROJECT_DIR.rglob("*") if path.is_file())
