"""One server a file, on a copy of the night of its own, tokens of each kind, and a way to ask with them."""

import pytest

from tests.support.serving.process import serving
from tests.support.serving.tokens import ORIGIN, new


@pytest.fixture(scope="module")
def installation(finished_night):
    with finished_night() as installation:
        yield installation


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "serving.log"


@pytest.fixture(scope="module")
def client(installation, log):
    url = installation.database.administrator.render_as_string(hide_password=False)
    with serving(installation.settings.home, log, FOOTFALL_DATABASE_URL=url, FOOTFALL_SERVING_RATE_PER_TOKEN="0") as it:
        yield it


@pytest.fixture(scope="module")
def tokens(installation):
    """A token of each kind, by its name."""
    return {
        "shop": new(installation, "shop", "shop", origins=[ORIGIN]),
        "blog": new(installation, "blog", "blog"),
        "all": new(installation, "all"),
        "ann": new(installation, "ann", "shop", user="ann"),
    }


@pytest.fixture(scope="module")
def get(client, tokens):
    def get(path, token="shop", /, *, headers=(), **query):
        held = tokens.get(token, token)
        sent = {"Authorization": f"Bearer {held}"} if held else {}
        return client.get(f"/v1/sites/{path}", params=query or None, headers=sent | dict(headers))

    return get
