"""One server for all files here: to start one takes as long as all that it is asked."""

import pytest

from tests.support.serving.process import serving
from tests.support.serving.tokens import new


@pytest.fixture(scope="package")
def installation(finished_night, tmp_path_factory):
    with finished_night.beside(tmp_path_factory.mktemp("assistants") / "home") as installation:
        yield installation


@pytest.fixture(scope="package")
def client(installation, tmp_path_factory):
    url = installation.database.administrator.render_as_string(hide_password=False)
    log = tmp_path_factory.mktemp("log") / "serving.log"
    with serving(installation.settings.home, log, FOOTFALL_DATABASE_URL=url, FOOTFALL_SERVING_RATE_PER_TOKEN="0") as it:
        yield it


@pytest.fixture(scope="package")
def tokens(installation):
    return {
        "shop": new(installation, "shop", "shop"),
        "blog": new(installation, "blog", "blog"),
        "all": new(installation, "all"),
        "contacts": new(installation, "contacts", "shop", reads_contacts=True),
    }
