"""A real web-server log, whose facts were counted independently; it is test material beside the repository."""

import pytest

from footfall.pipeline import night
from ingestion.importers.access_log import import_access_log
from runtime.settings import PROJECT
from tests.support.database import rows
from warehouse.retention.policies import set_policy

LOG = PROJECT.parent / "shared" / "data" / "access.log"


@pytest.mark.beside(LOG)
def test_a_real_access_log_gives_the_counted_sessions(installation):
    with installation.engine.begin() as connection:
        set_policy(connection, "raw_events", None)
    import_access_log([LOG], "shop", installation.settings.landing, include_static=True)
    loaded = night.load(installation)
    assert (loaded.lines, loaded.loaded, loaded.duplicates, loaded.rejected) == (10_000, 9_999, 0, 1)
    assert rows(installation.engine, "select reason, field from raw.rejects") == [("unparsable_line", "line 8899")]
    night.nightly(installation, say=lambda line: None)
    assert rows(
        installation.engine, "select count(*), count(distinct visitor_id), sum(event_count) from marts.sessions"
    ) == [(3223, 1861, 9999)]
