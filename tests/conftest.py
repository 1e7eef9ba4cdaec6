"""Fixtures: a real PostgreSQL, a migrated database, an installation, its landing zone, real collectors.

One embedded server per test run; each test gets a copy of one migrated template database. With
FOOTFALL_TEST_DATABASE_URL (an owner who may create databases) the same tests run on that server.
Shared code that test modules import is in `tests/support/`.
"""

import gc
import os
import signal
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation
from runtime.settings import Settings
from tests.support.database import DATABASE, administer, copy_of, rows
from tests.support.events import Landing
from tests.support.ingestion.running_collector import RunningCollector, is_ready, wait_until, write_registry
from tests.support.installation import Copies, emptied, installed, put_aside, share_passwords
from warehouse.postgres.database import database
from warehouse.postgres.roles import Role, establish
from warehouse.postgres.server import EmbeddedServer
from warehouse.tables.contracts import read_views
from warehouse.tables.migrate import migrate
from warehouse.tables.views import ensure_views

# dbt and Great Expectations in one process are so many objects that collecting garbage takes a fifth of a night's time,
# and of a later night more: what they keep of each night is looked through again.
gc.set_threshold(1_000_000)

Start = Callable[..., RunningCollector]
Anew = Callable[..., AbstractContextManager[Installation]]
Past = Callable[..., AbstractContextManager[Copies]]
Size = Callable[[Any, Any], Any]
TOGETHER = ("published", "browser")
"""Folders whose tests share one night."""
LONG = (*TOGETHER, "promises", "faults", "footfall", "torture", "bench", "dbt_project", "orchestration", "warehouse")
"""Folders in the order in which their tests are begun, all others after them."""
QUICK = (
    # No test kills this server: what it holds need not survive a power cut.
    *(
        "fsync = off",
        "full_page_writes = off",
        "synchronous_commit = off",
        "wal_level = minimal",
        "max_wal_senders = 0",
    ),
    # Each database that is made or dropped is searched for in all of them.
    "shared_buffers = '256MB'",
    # Connections are many, and a password takes most of the time of one.
    "scram_iterations = 1",
)
"""Settings of the server of a test run."""
TEMPLATE = f"footfall_template_{os.getpid()}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--proof`: see the fixture `size`. `--examples N`: see tests/promises/test_any_history.py."""
    parser.addoption("--no-skips", action="store_true", help="A test that is skipped has failed.")
    parser.addoption("--proof", action="store_true", help="Run what has a whole size in it, and only that: make proof.")
    parser.addoption("--examples", type=int, default=0, help="Try so many random histories.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--proof` keep the tests that have a size, and those marked `proof`, which run only there.

    Tests that share something stay on one worker: those of a module, of a folder in TOGETHER, or of a group that they name.
    What takes long is begun first, so that no worker is alone at the end.

    Tests marked `beside(path)` are of material that is no part of the repository. Where it is not, they are not either.
    """

    def is_wanted(item: pytest.Item) -> bool:
        material = item.get_closest_marker("beside")
        is_sized, is_proof = "size" in getattr(item, "fixturenames", ()), config.getoption("--proof")
        is_long = item.get_closest_marker("proof") is not None
        return (is_long or is_sized if is_proof else not is_long) and (material is None or material.args[0].exists())

    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = filter(is_wanted, items)
    tests = config.rootpath / "tests"
    items.sort(key=lambda item: [not item.path.is_relative_to(tests / folder) for folder in LONG])
    for item in items:
        shared = [folder for folder in TOGETHER if item.path.is_relative_to(tests / folder)]
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(shared[0] if shared else str(item.path.relative_to(tests))))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With `--no-skips` a skipped test has failed."""
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome, report.longrepr = "failed", f"skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def dbt_threads() -> Iterator[None]:
    """Two for each of dbt's runs here: more only wait for each other, and one worker of xdist has one core."""
    environment = dbt.environment

    def with_two(settings: Settings, user: URL, target: str = dbt.WAREHOUSE) -> dict[str, str]:
        return environment(settings, user, target) | ({"DBT_THREADS": "2"} if target == dbt.WAREHOUSE else {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "environment", with_two)
        yield


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    """What is tried for minutes: `size(small, whole)` is the first in CI, and the second in `make proof`."""

    def choose(small: Any, whole: Any) -> Any:
        return whole if pytestconfig.getoption("--proof") else small

    return choose


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server for the whole run."""
    if given := os.environ.get("FOOTFALL_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    server = EmbeddedServer(tmp_path_factory.mktemp("server") / "postgres", wished_port=0)
    server.start()
    administer(server.url, *(f"alter system set {setting}" for setting in QUICK))
    server.stop()
    server.start()
    # With the number of iterations as it is now.
    administer(server.url, f"alter role {server.url.username} password '{server.password}'")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def template(server_url: URL, parsed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database to copy from, as `footfall up` prepares it but for the tables of marts: the first night makes them."""
    administer(server_url, f"create database {TEMPLATE}")
    engine = create_engine(server_url.set(database=TEMPLATE))
    migrate(engine)
    home = tmp_path_factory.mktemp("template")
    share_passwords(home)
    establish(engine, database(Settings(home, engine.url.render_as_string(hide_password=False))).roles)
    with engine.begin() as connection:
        ensure_views(connection, "live", read_views(parsed_project / "manifest.json"))
    engine.dispose()
    yield TEMPLATE
    administer(server_url, f"drop database {TEMPLATE} with (force)")


@pytest.fixture
def database_url(server_url: URL, template: str) -> Iterator[URL]:
    """A fresh, migrated database."""
    with copy_of(server_url.set(database=template), DATABASE) as url:
        yield url


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    """The owner's connections to a fresh database."""
    made = create_engine(database_url, connect_args={"options": "-c timezone=UTC"})
    yield made
    made.dispose()


@pytest.fixture
def today(engine: Engine) -> date:
    """The database's own date."""
    ((today,),) = rows(engine, "select current_date")
    return today


@pytest.fixture(scope="session")
def parsed_project(server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's target folder after a parse, which each installation starts from."""
    url = server_url.set(database=DATABASE).render_as_string(hide_password=False)
    settings = Settings(home=tmp_path_factory.mktemp("parsed"), database_url=url)
    share_passwords(settings.home)
    dbt.manifest(settings, database(settings).roles[Role.TRANSFORMER])
    return settings.dbt_target


@pytest.fixture
def installation(anew: Anew) -> Iterator[Installation]:
    """An installation with a fresh database and the site `shop` in UTC."""
    with anew({"shop": "UTC"}) as installation:
        yield installation


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one installation after the other has its home: dbt parses its project once for each home."""
    return tmp_path_factory.mktemp("homes") / "installation"


@pytest.fixture(scope="session")
def anew(server_url: URL, template: str, parsed_project: Path, homes: Path) -> Anew:
    """Fresh installations with sites in these zones: `with anew({"shop": "UTC"}) as here`.

    One after the other; one beside another has None for a name, and gets one that is free. There are few of these names,
    and so of homes, for each of which dbt parses its project.
    """
    free = [f"{DATABASE}_beside_{number}" for number in range(9)]

    @contextmanager
    def make(zones: Mapping[str, str], name: str | None = DATABASE) -> Iterator[Installation]:
        given = name or free.pop(0)
        try:
            with (
                copy_of(server_url.set(database=template), given) as url,
                emptied(homes if name else homes.with_name(given)) as folder,
                installed(folder / "home", url, parsed_project, zones) as installation,
            ):
                yield installation
        finally:
            free.extend([] if name else [given])
            free.sort()

    return make


@pytest.fixture(scope="session")
def past(homes: Path, anew: Anew) -> Past:
    """What several tests begin with, once: `with past({"shop": "UTC"}, live) as copies`, and in each test `with copies() as
    installation`, which stands where `live(installation)` ended.
    """

    @contextmanager
    def once(zones: Mapping[str, str], live: Callable[[Installation], object]) -> Iterator[Copies]:
        with ExitStack() as kept:
            with anew(zones) as installation:
                live(installation)
                folder = kept.enter_context(emptied(homes.with_name(f"past_{uuid.uuid4().hex[:8]}")))
                copies = kept.enter_context(put_aside(installation, folder / "home"))
            yield copies

    return once


@pytest.fixture
def landing(installation: Installation) -> Landing:
    """The installation's landing zone."""
    return Landing(installation.settings.landing)


@pytest.fixture(scope="session")
def launch() -> Iterator[Start]:
    """Start collectors: `launch(home, command, until, **settings)`. They are killed at the end of the run."""
    running: list[RunningCollector] = []

    def start(
        home: Path, command: list[str] | None = None, until: str = "/readyz", **settings: Any
    ) -> RunningCollector:
        if until == "/readyz" and not (home / "sites.json").exists():
            home.mkdir(parents=True, exist_ok=True)
            write_registry(home)
        collector = RunningCollector.start(home, command, **settings)
        running.append(collector)
        wait_until(lambda: is_ready(collector, until))
        return collector

    yield start
    for collector in running:
        collector.client.close()
        if collector.process.poll() is None:
            os.killpg(collector.process.pid, signal.SIGKILL)
            collector.process.wait()


@pytest.fixture
def start_collector(launch: Start, tmp_path: Path) -> Start:
    """Start a collector of the test's own: `start_collector(**settings)`; a second one has the same home."""
    return lambda **given: launch(given.pop("home", tmp_path), **given)


@pytest.fixture(scope="module")
def collector(launch: Start, tmp_path_factory: pytest.TempPathFactory) -> RunningCollector:
    """A collector for all tests of a module that leave it as it was."""
    return launch(tmp_path_factory.mktemp("collector"))
