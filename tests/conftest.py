"""What tests share: a real PostgreSQL, a migrated database for each test, an installation, ways to land events.

One embedded server per test run; each test gets a copy of one migrated template database. With
FOOTFALL_TEST_DATABASE_URL (an owner who may create databases) the same tests run on that server.
"""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation, open_installation
from ingestion.event.reception import Reception
from ingestion.event.validate import encode_line, validate
from ingestion.landing.writer import SegmentWriter
from runtime.settings import Settings
from warehouse.access.sites import add_site
from warehouse.postgres.database import database
from warehouse.postgres.roles import Role, establish
from warehouse.postgres.server import EmbeddedServer
from warehouse.tables.contracts import read_views
from warehouse.tables.migrate import migrate
from warehouse.tables.views import ensure_views

# dbt and Great Expectations in one process are so many objects that collecting garbage takes a fifth of a night's time.
gc.set_threshold(100_000)

TEMPLATE = f"footfall_template_{os.getpid()}"
DATABASE = f"footfall_test_{os.getpid()}"
"""The same for each test: dbt parses the whole project anew where the name of its database changes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--examples N`: see tests/test_any_history.py."""
    parser.addoption("--examples", type=int, default=0, help="Try so many random histories.")


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server for the whole run."""
    if given := os.environ.get("FOOTFALL_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    server = EmbeddedServer(tmp_path_factory.mktemp("server") / "postgres", wished_port=0)
    server.start()
    # No test kills this server: what it holds need not survive a power cut.
    _admin(
        server.url, "alter system set fsync = off", "alter system set full_page_writes = off", "select pg_reload_conf()"
    )
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def template(server_url: URL, parsed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database to copy from, as `footfall up` prepares it."""
    _admin(server_url, f"create database {TEMPLATE}")
    engine = create_engine(server_url.set(database=TEMPLATE))
    migrate(engine)
    home = tmp_path_factory.mktemp("template")
    share_passwords(home)
    establish(engine, database(Settings(home, engine.url.render_as_string(hide_password=False))).roles)
    with engine.begin() as connection:
        ensure_views(connection, "live", read_views(parsed_project / "manifest.json"))
    engine.dispose()
    yield TEMPLATE
    _admin(server_url, f"drop database {TEMPLATE} with (force)")


@pytest.fixture
def database_url(server_url: URL, template: str) -> Iterator[URL]:
    """A fresh, migrated database."""
    with copy_of(server_url.set(database=template), DATABASE) as url:
        yield url


@contextmanager
def copy_of(template: URL, name: str | None = None) -> Iterator[URL]:
    """A copy of a database nobody is connected to, for a while."""
    name = name or f"footfall_test_{uuid.uuid4().hex[:12]}"
    _admin(template, f"create database {name} template {template.database}")
    try:
        yield template.set(database=name)
    finally:
        _admin(template, f"drop database {name} with (force)")


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
def installation(tmp_path: Path, database_url: URL, parsed_project: Path) -> Iterator[Installation]:
    """An installation with a fresh database and the site `shop` in UTC."""
    with _installed(tmp_path / "home", database_url, parsed_project, {"shop": "UTC"}) as installation:
        yield installation


@pytest.fixture(scope="session")
def anew(server_url: URL, template: str, parsed_project: Path) -> Callable[..., AbstractContextManager[Installation]]:
    """Fresh installations with sites in these zones: `with anew({"shop": "UTC"}) as here`.

    One after the other; for one beside another its database needs another name, or None for any.
    """

    @contextmanager
    def make(zones: Mapping[str, str], name: str | None = DATABASE) -> Iterator[Installation]:
        with (
            copy_of(server_url.set(database=template), name) as url,
            TemporaryDirectory(prefix="footfall-") as home,
            _installed(Path(home), url, parsed_project, zones) as installation,
        ):
            yield installation

    return make


@contextmanager
def _installed(home: Path, url: URL, parsed_project: Path, zones: Mapping[str, str]) -> Iterator[Installation]:
    address = url.render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=address, segment_seconds=0.5)
    shutil.copytree(parsed_project, settings.dbt_target)
    share_passwords(home)
    with open_installation(settings) as installation:
        with installation.engine.begin() as connection:
            for site, zone in zones.items():
                add_site(connection, site, zone)
        yield installation


def share_passwords(home: Path) -> None:
    """Give a home the passwords of all others: roles belong to the server, and so to all databases of a test run."""
    folder = home / "secrets"
    folder.mkdir(parents=True, mode=0o700)
    for role in Role:
        path = folder / f"{role.name.lower()}.password"
        path.touch(mode=0o600)
        path.write_text(password_of(role))


def password_of(role: str) -> str:
    """The password of a role on the server of a test run."""
    return f"password of {role}"


class Landing:
    """Lands events as the collector would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def land(self, *events: dict[str, Any], site: str = "shop", user_agent: str | None = None) -> None:
        """Land one sealed segment. Fields may say `received_at` (default: a second later), `sent_at`, `user_agent`, `ip`."""
        with SegmentWriter(self.folder, "test") as writer:
            writer.append(b"".join(landed_line(dict(event), site, user_agent) for event in events))


@pytest.fixture
def landing(installation: Installation) -> Landing:
    """The installation's landing zone."""
    return Landing(installation.settings.landing)


def event(at: str | datetime, device: str = "d1", name: str = "page_viewed", **fields: Any) -> dict[str, Any]:
    """An event as a client would send it; `at` is its time, in UTC where it names no zone."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    made = {
        "event_id": str(uuid.uuid4()),
        "event_name": name,
        "anonymous_id": device,
        "client_timestamp": moment.isoformat(),
        "page_url": "https://shop.example/",
    }
    return made | fields


def rows(engine: Engine, query: str, **values: Any) -> list[tuple]:
    """What a query gives."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def contents(installation: Installation) -> dict[str, list[tuple]]:
    """All rows of all marts, in an order of their own."""
    names = [
        name
        for (name,) in rows(
            installation.engine,
            "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' order by 1",
        )
    ]
    return {
        name: sorted(rows(installation.engine, f"select row_to_json(m)::text from marts.{name} m")) for name in names
    }


def with_settings(installation: Installation, **changes: Any) -> Installation:
    """The same installation with other settings."""
    return replace(installation, settings=replace(installation.settings, **changes))


def landed_line(fields: dict[str, Any], site: str = "shop", user_agent: str | None = None) -> bytes:
    """The line of an event in the landing zone."""
    moment = datetime.fromisoformat(fields["client_timestamp"])
    received_at = fields.pop("received_at", None) or moment + timedelta(seconds=1)
    user_agent, ip = fields.pop("user_agent", user_agent), fields.pop("ip", None)
    reception = Reception(site, received_at, "test", fields.pop("sent_at", None), user_agent=user_agent, ip=ip)
    return encode_line(validate(msgspec.json.encode(fields), reception))


def _admin(server_url: URL, *statements: str) -> None:
    admin = create_engine(server_url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()
