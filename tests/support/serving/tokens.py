"""Tokens of tests."""

from footfall.pipeline.installation import Installation
from warehouse.access.tokens import add_token

ORIGIN = "https://reports.example"
"""Whose pages may read answers to the token of the shop."""


def new(installation: Installation, name: str, *sites: str, **given: object) -> str:
    """Make a token, and return it as it is sent."""
    with installation.engine.begin() as connection:
        return add_token(connection, name, sites, **given).written
