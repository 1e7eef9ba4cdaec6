"""A database that holds the small true world, with its candidates."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import URL, create_engine

from tests.support.database import copy_of
from tests.support.marts import world
from warehouse.tables.partitions import ensure_partition


@pytest.fixture(scope="session")
def world_template(server_url: URL, template: str) -> Iterator[URL]:
    """The world, to copy from."""
    with copy_of(server_url.set(database=template)) as url:
        engine = create_engine(url)
        for day in (world.EVE, world.DAY, world.DAY + timedelta(days=1)):
            ensure_partition(engine, day)
        with engine.begin() as connection:
            world.fill(connection)
        engine.dispose()
        yield url


@pytest.fixture
def candidate(world_template: URL) -> Iterator[URL]:
    """URL of a database with the candidates of the world."""
    with copy_of(world_template) as url:
        yield url
