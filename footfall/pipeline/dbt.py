"""How dbt is called: its folders, its environment, its arguments. The models are in `dbt_project/`."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL

from runtime.errors import FootfallError
from runtime.settings import PROJECT, Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

PROJECT_DIR = PROJECT / "dbt_project"
WAREHOUSE, PUBLISHED = "warehouse", "published"
"""The targets of `profiles.yml`: the transformer builds candidates in one, the analyst reads marts in the other."""
BUILD = ("build", "--no-write-json", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
"""A night's build: seeds and models. The gate is the expectations; dbt's own tests are for development."""

SESSION = "-c default_statistics_target=10"
"""Of dbt's connections: tables that live for a night need no more, and `analyze` takes a tenth as long."""


class BuildFailed(FootfallError):
    """dbt could not build the candidate; with what it said."""


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
        "PGOPTIONS": SESSION,
        "DBT_TARGET": target,
        # One more than cores: a model that many wait for should not wait itself.
        "DBT_THREADS": str((os.cpu_count() or 1) + 1),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target_path(settings, target)),
        "DBT_LOG_PATH": str(settings.logs),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def run(
    settings: Settings, user: URL, *arguments: str, target: str = WAREHOUSE, parsed: "Manifest | None" = None
) -> Any:
    """Run dbt in this process, so that it starts once and dies with whoever asked; its result.

    Raises:
        BuildFailed: it did not succeed.
    """
    from dbt.cli.main import dbtRunner  # Two seconds, for those who need it.

    settings.logs.mkdir(parents=True, exist_ok=True)
    errors: list[str] = []

    def listen(event: "EventMsg") -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)  # type: ignore[attr-defined]

    with _environment_of(environment(settings, user, target)):
        done = dbtRunner(parsed, [listen]).invoke(["--log-level", "none", *arguments])
    if done.exception and not isinstance(done.exception, Exception):
        raise done.exception
    if not done.success:
        raise BuildFailed("\n".join(errors).strip() or str(done.exception))
    return done.result


def build(settings: Settings, user: URL) -> dict[tuple[str, str], float]:
    """Build the candidate of the slice in audit.slice_days; the seconds that each relation took, by schema and name.

    Raises:
        BuildFailed: with what dbt said.
    """
    results = run(settings, user, *BUILD, parsed=parsed(settings, user)).results
    return {(each.node.schema, each.node.name): each.execution_time for each in results if each.node.is_relational}


def parsed(settings: Settings, user: URL, target: str = WAREHOUSE) -> "Manifest":
    """The project, parsed once in a process, whatever variables it is then run with.

    Where dbt parses with the variables themselves, it does so anew for all of the project whenever they change.
    """
    path, newest = target_path(settings, target), _newest_file()
    if _parsed.get(path, (0.0, None))[0] != newest:
        _parsed[path] = newest, run(settings, user, "parse", "--no-write-json", target=target)
    return _parsed[path][1]


_parsed: "dict[Path, tuple[float, Manifest]]" = {}
"""By target folder, with the time of its newest file."""


@contextmanager
def _environment_of(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for a while: dbt takes its connection from nowhere else."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def manifest(settings: Settings, user: URL, target: str = WAREHOUSE) -> Path:
    """dbt's manifest of the project as it is now, parsed anew if a file changed since."""
    path = target_path(settings, target) / "manifest.json"
    if not path.exists() or path.stat().st_mtime < _newest_file():
        run(settings, user, "parse", target=target)
    return path


def _newest_file() -> float:
    return max(path.stat().st_mtime for path in PROJECT_DIR.rglob("*") if path.is_file())
