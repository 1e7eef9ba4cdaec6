"""One published night, a real Superset beside it from the lock file, and a Chromium that is signed in to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from footfall.superset import environment
from runtime.settings import PROJECT
from tests.support.bi.superset import Running, running, sign_in
from tests.support.browser.devtools import Browser
from tests.support.browser.look import Look
from tests.support.browser.screen import screen
from tests.support.events import Landing
from tests.support.marts.history import BLOG, SHOP
from tests.support.traffic import accepted

KEPT = PROJECT / ".tools"
"""Where Superset's environment stays between runs."""


@pytest.fixture(scope="session")
def installation(anew) -> Iterator[Installation]:
    """Two days of `shop` and `blog`, of which every figure is known, and a week of made-up traffic at each."""
    with anew({"shop": "UTC", "blog": "UTC"}) as installation:
        landing = Landing(installation.settings.landing)
        landing.land(*SHOP)
        landing.land(*BLOG, site="blog")
        until = datetime.now(UTC).date() - timedelta(days=1)
        for number, site in enumerate(("shop", "blog")):
            landing.land(*map(_sent, accepted(7, 1500, number, until)), site=site)
        night.nightly(installation, say=lambda line: None)
        yield installation


def _sent(fields: dict) -> dict:
    """An event of the simulator as a client sends it."""
    return {name: value for name, value in fields.items() if name not in ("site_id", "occurred_at") and value != {}}


@pytest.fixture(scope="session")
def superset(installation) -> Iterator[Running]:
    python = environment.ready(KEPT, print)
    place = installation.settings.home / "superset"
    place.mkdir(mode=0o700)
    (place / python.parent.parent.name).symlink_to(python.parent.parent)
    with running(installation) as it:
        yield it


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Browser]:
    with screen() as display, Browser(display, tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture(scope="session")
def look(browser, superset) -> Look:
    look = Look(browser)
    sign_in(look, superset.url, superset.password)
    return look


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the pictures of the last run lie."""
    folder = KEPT / "dashboards"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
