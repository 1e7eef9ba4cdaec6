"""What the tests of retention have in common."""

import pytest
from sqlalchemy import create_engine

from tests.support.database import DATABASE, copy_of, let_be_partial
from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts


@pytest.fixture(scope="session")
def real_marts(parsed_project):
    return read_marts(parsed_project / "manifest.json")


@pytest.fixture(scope="session")
def with_marts(server_url, template, real_marts):
    """A database with the real marts, as their contracts say, to copy from."""
    with copy_of(server_url.set(database=template)) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            ensure_marts(connection, real_marts)
            for mart in real_marts:
                let_be_partial(connection, mart.relation)
        engine.dispose()
        yield url


@pytest.fixture
def database_url(request, server_url, template):
    """A fresh database, with marts for a test that asks for them."""
    asked = "marts" in request.fixturenames
    source = request.getfixturevalue("with_marts") if asked else server_url.set(database=template)
    with copy_of(source, DATABASE) as url:
        yield url


@pytest.fixture
def marts(real_marts, engine):
    """The real marts, which are there."""
    return real_marts
