"""Scenarios of people in real browsers, acted out at once before the first is compared, and published in one night."""

import pytest

from tests.support.browser.stage import Stage
from tests.support.browser.website import website


@pytest.fixture(scope="session")
def stage(anew, launch):
    """An installation without sites, its collector, and a server of pages."""
    with anew({}, name=None) as installation:
        collector = launch(installation.settings.home, until="/healthz", segment_seconds=3600)
        with website(collector.url) as pages:
            yield Stage(installation, collector, pages)


@pytest.fixture(scope="session")
def browsed(request, stage, tmp_path_factory):
    """All scenarios of this run, acted out and published: `browsed(play)` compares one."""
    plays = [item.function.play for item in request.session.items if hasattr(getattr(item, "function", None), "play")]
    stage.play(plays, tmp_path_factory.mktemp("browsers"))
    return stage.end
