"""One night, published once, that all tests of this folder read and none changes."""

import os
import shutil
import subprocess
import sys

import pytest

from footfall import night
from footfall.night import open_installation
from footfall.settings import Settings
from tests.conftest import Landing, copy_of
from tests.published.history import BLOG, SHOP, happening
from warehouse.sites import add_site


def pytest_collection_modifyitems(items):
    """Keep them on one worker, so that there is one night."""
    for item in items:
        if item.path.parent.name == "published":
            item.add_marker(pytest.mark.xdist_group("published"))


@pytest.fixture(scope="session")
def published(server_url, template, parsed_project, tmp_path_factory):
    """An installation with the marts of that history."""
    with copy_of(server_url.set(database=template)) as url:
        home = tmp_path_factory.mktemp("published") / "home"
        # A role belongs to the server: all databases of a test run know the analyst by one password.
        password = home / "secrets" / "analyst.password"
        password.parent.mkdir(parents=True)
        password.touch(mode=0o600)
        password.write_text("analyst")
        here = open_installation(Settings(home=home, database_url=url.render_as_string(hide_password=False)))
        shutil.copytree(parsed_project, here.settings.dbt_target)
        with here.engine.begin() as connection:
            add_site(connection, "shop")
            add_site(connection, "blog")
        Landing(here.settings.landing).land(*SHOP)
        Landing(here.settings.landing).land(*BLOG, site="blog")
        night.nightly(here, say=lambda line: None)
        Landing(here.settings.landing).land(*happening())
        night.load(here)
        yield here
        here.engine.dispose()


@pytest.fixture(scope="session")
def command(published):
    """`footfall …` on it."""

    def run(*arguments: str) -> subprocess.CompletedProcess:
        given = {
            "FOOTFALL_HOME": str(published.settings.home),
            "FOOTFALL_DATABASE_URL": published.database.owner.render_as_string(hide_password=False),
        }
        return subprocess.run(
            [sys.executable, "-m", "footfall", *arguments],
            env=os.environ | given | {"NO_COLOR": "1", "COLUMNS": "160"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
