"""Faults at every step of a load: a file is loaded whole or not at all, and in the end every event is there once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from footfall.stack.follow import follow
from ingestion.landing.reader import sealed_segments
from ingestion.load import file_load
from runtime.settings import Settings
from tests.support.balance import found_events, require_balance
from tests.support.database import rows
from tests.support.events import event
from tests.support.faults.crash_matrix import CHUNKS, LOADING
from tests.support.faults.failing import fail, failing
from tests.support.ingestion.running_collector import wait_until

LINES_EACH = 3 * CHUNKS
START = datetime(2026, 11, 2, 23, 57, tzinfo=UTC)


def load(settings: Settings) -> None:
    """Load what is sealed, each file in several chunks."""
    file_load.CHUNK_LINES = LINES_EACH // CHUNKS
    with open_installation(settings) as installation:
        night.load_waiting(installation)


def test_a_load_that_fails_anywhere_in_any_way_is_all_or_nothing_and_its_repeat_whole(
    installation, landing, monkeypatch
):
    monkeypatch.setattr(file_load, "CHUNK_LINES", file_load.CHUNK_LINES)
    acknowledged: set[str] = set()
    for fault in LOADING:
        for file in "abc":
            # Over midnight, and with an event that the file before brought too.
            ids = [f"{fault}-{file}-{n}" for n in range(LINES_EACH - 1)]
            again = max(acknowledged, default=ids[0])
            landing.land(*(event(START + timedelta(minutes=n), event_id=name) for n, name in enumerate([*ids, again])))
            acknowledged |= {*ids, again}
        fail(fault, load, installation.settings)
        require_balance(installation.engine)
        load(installation.settings)
        require_balance(installation.engine)
        assert found_events(installation.engine) == sorted(acknowledged), fault
        assert list((installation.settings.landing / "sealed").iterdir()) == []
    loaded = installation.settings.landing / "loaded"
    assert len(list(loaded.glob("*.zst"))) == len(list(loaded.glob("*.zst.json"))) == 3 * len(LOADING)
    assert rows(
        installation.engine, "select count(*), sum(line_count) from ops.landed_files where state = 'loaded'"
    ) == [(3 * len(LOADING), 3 * len(LOADING) * LINES_EACH)]


@pytest.mark.parametrize(
    ("fault", "silent"),
    [
        ("load:chunk=cut", "the database"),
        ("load:before_commit=deaf", "the database"),
        ("load:chunk=EIO", "the landing zone"),
        ("load:tidying=ENOSPC", "the landing zone"),
    ],
)
def test_a_follower_whose_load_fails_goes_on_by_itself(installation, landing, fault, silent):
    landing.land(event(START, event_id="one"))
    said: list[str] = []
    ended = threading.Event()
    following = threading.Thread(target=follow, args=(installation, ended, said.append))
    with failing(fault):
        following.start()
        wait_until(lambda: f"{silent} answers again" in said)
        wait_until(lambda: sealed_segments(installation.settings.landing) == [])
        ended.set()
        following.join()
    require_balance(installation.engine)
    assert found_events(installation.engine) == ["one"]
