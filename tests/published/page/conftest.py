"""One night, a server of its page, and a Chromium that looks at it."""

import pytest

from tests.support.browser.devtools import Browser
from tests.support.browser.look import Look
from tests.support.browser.screen import screen
from tests.support.serving.process import serving
from tests.support.serving.tokens import new


@pytest.fixture(scope="session")
def installation(finished_night, tmp_path_factory):
    with finished_night.beside(tmp_path_factory.mktemp("page") / "home") as installation:
        yield installation


@pytest.fixture(scope="session")
def client(installation, tmp_path_factory):
    url = installation.database.administrator.render_as_string(hide_password=False)
    log = tmp_path_factory.mktemp("log") / "serving.log"
    with serving(installation.settings.home, log, FOOTFALL_DATABASE_URL=url, FOOTFALL_SERVING_RATE_PER_TOKEN="0") as it:
        yield it


@pytest.fixture(scope="session")
def token(installation):
    return new(installation, "page", "shop")


@pytest.fixture(scope="session")
def html(client, token):
    """The text of a page, by its address."""

    def html(path, status=200):
        found = client.get(path, headers={"Cookie": f"footfall={token}"})
        assert found.status_code == status, found.text
        return found.text

    return html


@pytest.fixture(scope="session")
def look(client, token, tmp_path_factory):
    with screen() as display, Browser(display, tmp_path_factory.mktemp("chromium") / "profile") as browser:
        look = Look(browser)
        look.keep(str(client.base_url), "footfall", token)
        yield look


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Where the pictures of a run lie."""
    return tmp_path_factory.mktemp("pictures")
