"""What the tests of retention have in common."""

import pytest

from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts


@pytest.fixture
def marts(engine, parsed_project):
    """The real marts, as their contracts say."""
    marts = read_marts(parsed_project / "manifest.json")
    with engine.begin() as connection:
        ensure_marts(connection, marts)
    return marts
