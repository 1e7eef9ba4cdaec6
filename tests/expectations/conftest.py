"""A database per test. LOCAL STAND-IN: to be replaced by the project's shared `database` fixture."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.expectations import world
from warehouse.partitions import ensure_partition
from warehouse.schema import migrate
from warehouse.server import EmbeddedServer

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = EmbeddedServer(tmp_path_factory.mktemp("server"), wished_port=55600)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(server):
    _create(server.url, "migrated")
    url = server.url.set(database="migrated")
    engine = create_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture
def database(template):
    """URL of a fresh, migrated database."""
    yield from copy_of(template)


def copy_of(template):
    name = f"copy_{next(_numbers)}"
    _create(template, name, f"template {template.database} strategy file_copy")
    yield template.set(database=name)
    _run(template, f"drop database {name} with (force)")


def _create(url, name, options=""):
    _run(url, f"create database {name} {options}")


def _run(url, statement):
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def world_template(server, template):
    _create(server.url, "world", f"template {template.database} strategy file_copy")
    url = server.url.set(database="world")
    engine = create_engine(url)
    for day in (world.EVE, world.DAY, world.DAY + timedelta(days=1)):
        ensure_partition(engine, day)
    with engine.begin() as connection:
        world.settle(connection)
    engine.dispose()
    return url


@pytest.fixture
def candidate(world_template):
    """URL of a database with the candidates of the small true world."""
    yield from copy_of(world_template)
