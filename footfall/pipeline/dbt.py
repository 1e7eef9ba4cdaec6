"""How dbt is called: its folders, its environment, its arguments. The models are in `dbt_project/`."""

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from sqlalchemy import URL

from footfall.pipeline import statements
from footfall.spark.session import threads as spark_threads
from runtime.environment import LIBPQ, drop
from runtime.errors import FootfallError, explain
from runtime.settings import PROJECT, Settings
from warehouse.postgres.connect import connect, connect_args, libpq_environment
from warehouse.postgres.errors import is_by_rows, may_pass, quotable
from warehouse.publication.held_days import MODEL_BUILT, Failure

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

_log = logging.getLogger(__name__)

PROJECT_DIR = PROJECT / "dbt_project"
OWN_MODELS = "own_models"
"""Name, within the project, of the folder that `models_path` names."""
WAREHOUSE, TODAY = "warehouse", "today"
"""The targets of `profiles.yml` in which the transformer builds: candidates, or the open day."""
SPARK = "spark"
"""The target in which the same models run on Spark."""
PUBLISHED, WITH_TODAY = "published", "with_today"
"""The targets in which the analyst reads: marts, or marts with the open day."""
BUILD = ("build", "--no-write-json", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
"""A night's build: seeds and models. The gate is the expectations; dbt's own tests are for development."""

WITHOUT_ROWS = ("--vars", '{"without_rows": true}')
"""A build that reads nothing: tables as they would be, without rows. dbt's own `--empty` writes each table that a query
names as a subquery with an alias, where most of ours have an alias already."""

_COMPILE = ("compile", "--select", "path:analyses", "--no-introspect", "--no-populate-cache")

SESSION = "default_statistics_target=10"
"""Statistics target of dbt's connections. It is enough for tables of one night, and `analyze` takes a tenth as long."""
_SESSION_TODAY = (SESSION, "statement_timeout=60s", "lock_timeout=5s")


class BuildFailed(FootfallError):
    """dbt failed; the message is what it printed."""

    def __init__(self, said: str, failure: Failure | None = None, built: frozenset[str] = frozenset()) -> None:
        super().__init__(said)
        self.failure = failure
        """What failed for a reason that rows can give; None if there is any other reason."""
        self.built = built
        """Models that were built nevertheless: none of those that read a failed one."""


def project_dir(settings: Settings) -> Path:
    """Return the dbt project: Footfall's, or with `models_path` a folder of links to Footfall's and the user's models.

    All models must lie within the project: dbt would write compiled queries beside models elsewhere.

    Raises:
        BuildFailed: `models_path` is no folder.
    """
    if settings.models_path is None:
        return PROJECT_DIR
    if not settings.models_path.is_dir():
        raise BuildFailed(
            f"models_path: {settings.models_path} is no folder, and nothing is built without what it held:"
            " bring it back, or unset models_path"
        )
    folder = _folder(settings) / "project"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*PROJECT_DIR.iterdir(), settings.models_path):
        link = folder / (OWN_MODELS if path == settings.models_path else path.name)
        if not (link.is_symlink() and link.readlink() == path):
            fresh = folder / f".{link.name}.{os.getpid()}"
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(path)
            fresh.replace(link)
    return folder


def variables() -> dict[str, Any]:
    """Return the variables of the project: the options of the models, with their defaults."""
    project = msgspec.yaml.decode((PROJECT_DIR / "dbt_project.yml").read_bytes(), type=dict[str, Any])
    return dict(project["vars"])


def target_path(settings: Settings, target: str) -> Path:
    """Return the folder of compiled queries and manifest. Each target has its own: names of relations differ."""
    folder = _folder(settings)
    return folder / "target" if target == WAREHOUSE else folder / target / "target"


def _folder(settings: Settings) -> Path:
    """Return the folder of one project. With and without the user's models are two projects, parsed apart."""
    folder = settings.dbt_target.parent
    return folder / OWN_MODELS if settings.models_path else folder


def environment(settings: Settings, user: URL, target: str = WAREHOUSE) -> dict[str, str]:
    """Return dbt's environment: the connection, its folders, and no usage statistics.

    Returns:
        Environment variable → value.
    """
    connection = dict.fromkeys(_PROFILE, "") | {"PGPORT": "5432"} | libpq_environment(user, *_session(target))
    return {
        **{_PROFILE.get(name, name): value for name, value in connection.items()},
        "DBT_TARGET": target,
        "DBT_THREADS": str(spark_threads(settings.spark_url) if target == SPARK else threads(target)),
        "DBT_PROJECT_DIR": str(project_dir(settings)),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target_path(settings, target)),
        "DBT_LOG_PATH": str(settings.logs),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def threads(target: str = WAREHOUSE) -> int:
    """Return how many models are built at once. The open day leaves cores alone."""
    # One more than cores, so that a model that many others wait for starts early.
    return 1 if target == TODAY else (os.cpu_count() or 1) + 1


def _session(target: str) -> tuple[str, ...]:
    return _SESSION_TODAY if target == TODAY else (SESSION,)


def with_real_paths(settings: Settings, said: str) -> str:
    """Replace paths of links in a message of dbt by the real paths of the user's models."""
    return said.replace(f"{OWN_MODELS}/", f"{settings.models_path}/") if settings.models_path else said


def run(
    settings: Settings, user: URL, *arguments: str, target: str = WAREHOUSE, parsed: "Manifest | None" = None
) -> Any:
    """Run dbt in this process, so that it starts once and ends with its caller. Return its result.

    Raises:
        BuildFailed: it did not succeed.
    """
    # The imports take two seconds.
    from dbt.cli.main import dbtRunner

    from footfall.pipeline import dbt_connections

    if target == SPARK:
        from footfall.spark import adapter

        adapter.use_session()
        of_models = adapter.errors
    else:
        dbt_connections.keep_connections()
        dbt_connections.errors.clear()
        of_models = dbt_connections.errors
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
        of_disk = explain(done.exception) if done.exception else None
        said = of_disk or "\n".join(errors).strip() or str(done.exception)
        results = getattr(done.result, "results", ()) if not done.exception else ()
        built = frozenset(each.node.name for each in results if each.status == "success")
        failure = _failure_by_rows(results, of_models)
        raise BuildFailed(with_real_paths(settings, said), failure, built)
    return done.result


def _failure_by_rows(results: Sequence[Any], errors: Mapping[str, tuple[str, str]]) -> Failure | None:
    """Return the first model that failed, if rows can be the reason for each that did."""
    failed = [each.node for each in results if each.status == "error"]
    found = [(node.name, *errors.get(node.unique_id, (None, ""))) for node in failed]
    if not found or not all(is_by_rows(sqlstate) for _, sqlstate, _ in found):
        return None
    name, sqlstate, message = found[0]
    return failure_of(name, str(sqlstate), message)


def failure_of(model: str, sqlstate: str, message: str) -> Failure:
    """Return that a model cannot be built, without values of rows."""
    reason = f"cannot be built: {quotable(sqlstate, message)}"
    return Failure(model, MODEL_BUILT, reason, may_pass=may_pass(sqlstate))


def build(
    settings: Settings, user: URL, target: str = WAREHOUSE, options: tuple[str, ...] = ()
) -> dict[tuple[str, str], float]:
    """Build the candidate of the slice in audit.slice_days; in target TODAY, of today_build.slice_days.

    dbt itself runs once for each state of the project; then its statements are repeated. A user's models are always
    dbt's: they may ask the database while they are compiled.

    Returns:
        (schema, name) of each relation → seconds that it took.

    Raises:
        BuildFailed: with what dbt said.
    """
    name = "statements_without_rows.json" if options == WITHOUT_ROWS else "statements.json"
    path, state = target_path(settings, target) / name, _state(settings)
    # Its statements have its name, also where dbt itself does not run.
    as_dbt = user.update_query_dict({"application_name": "dbt"})
    open_one = partial(connect, as_dbt, **connect_args(as_dbt, *_session(target)))
    if settings.models_path is None and (built := _repeat(path, state, open_one, threads(target))):
        return built
    results = run(settings, user, *BUILD, *options, target=target, parsed=parsed(settings, user, target)).results
    if settings.models_path is None:
        statements.record(path, state, results, open_one)
    return seconds_of(results)


def seconds_of(results: Sequence[Any]) -> dict[tuple[str, str], float]:
    """Return how long each relation took: (schema, name) → seconds."""
    return {(each.node.schema, each.node.name): each.execution_time for each in results if each.node.is_relational}


def _repeat(
    path: Path, state: str, open_one: Callable[[], psycopg.Connection], at_once: int
) -> dict[tuple[str, str], float] | None:
    """Build without dbt, if it has built this state of the project before. None: dbt has to."""
    if not (found := statements.read(path, state)):
        return None
    try:
        return statements.repeat(path, found, open_one, at_once)
    except psycopg.Error as error:
        _log.warning("statements of a build failed with SQLSTATE %s; dbt builds", error.sqlstate)
        return None


def parsed(settings: Settings, user: URL, target: str = WAREHOUSE) -> "Manifest":
    """Parse the project once in a process, for runs with any variables.

    Without this, dbt would parse all of the project again whenever variables change.
    """
    path, state = target_path(settings, target), _state(settings)
    if path not in _parsed or _parsed[path][0] != state:
        _parsed[path] = state, run(settings, user, "parse", "--no-write-json", target=target)
    return _parsed[path][1]


_parsed: "dict[Path, tuple[str, Manifest]]" = {}
"""Target folder → state of the files, and the parsed project."""


_PROFILE = {f"PG{name}": f"FOOTFALL_PG_{name}" for name in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE")}
"""Variables that `profiles.yml` asks for by names of its own. The rest of a connection reaches libpq beside dbt."""

_OF_DBT = re.compile(rf"{LIBPQ.pattern}|DBT_\w+")
"""Variables that dbt and its connections read."""


@contextmanager
def _environment_of(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while: dbt reads its connection and its options from there only."""
    before = dict(os.environ)
    drop(_OF_DBT)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def manifest(settings: Settings, user: URL, target: str = WAREHOUSE) -> Path:
    """Return the path of dbt's manifest of the project as it is now, parsed again if a file changed.

    For targets that read, the ready questions are compiled too, so that asking one needs no dbt.
    """
    path, state = target_path(settings, target) / "manifest.json", _state(settings)
    parsed_from = path.with_name("parsed_from")
    if not path.exists() or not parsed_from.exists() or parsed_from.read_text() != state:
        parsed_from.unlink(missing_ok=True)
        run(settings, user, *(_COMPILE if target in (PUBLISHED, WITH_TODAY) else ["parse"]), target=target)
        parsed_from.write_text(state)
    return path


def _state(settings: Settings) -> str:
    """Return a hash that changes when a file of the project or of the user's models is changed, added or deleted."""
    folders = [PROJECT_DIR, *([settings.models_path] if settings.models_path else [])]
    files = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in _SOURCES and path.is_file()
    )
    state = [(str(path), (found := path.stat()).st_mtime_ns, found.st_size) for path in files]
    return hashlib.sha256(repr((folders, state)).encode()).hexdigest()


_SOURCES = (".sql", ".yml", ".yaml", ".csv", ".md")
"""Endings of the files that dbt reads."""
