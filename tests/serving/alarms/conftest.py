"""An installation with published marts, into which tests write the figures they are about."""

from datetime import UTC, datetime, timedelta

import pytest

from footfall.pipeline import night
from tests.support.events import Landing, event
from tests.support.installation import with_settings
from tests.support.serving.outside import mail_server, webhook


def published(installation):
    """One event of the site's day before yesterday, so that there are marts to copy rows of."""
    Landing(installation.settings.landing).land(event(datetime.now(UTC) - timedelta(days=2)))
    night.nightly(installation, say=lambda line: None)


@pytest.fixture(scope="module")
def kept(past):
    with past({"shop": "UTC", "blog": "Asia/Tokyo"}, published) as copies:
        yield copies


@pytest.fixture
def receiver():
    with webhook() as server:
        yield server


@pytest.fixture
def mailbox():
    with mail_server("a secret") as found:
        yield found


@pytest.fixture
def watched(kept, receiver):
    """The installation, which posts to the receiver."""
    with kept() as installation:
        yield with_settings(installation, webhook_url=receiver.url)
