"""An erasure that is killed, or runs beside other work: asked for again it ends, and nothing comes back."""

import threading
import time
from collections.abc import Callable

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from footfall.privacy import requests as privacy
from ingestion.landing.reader import sealed_segments
from ingestion.load.contacts import Contacts
from ingestion.load.file_load import FileLoad
from ingestion.load.geoip import Places
from ingestion.load.ledger import FileCount
from runtime.settings import Settings
from tests.support.balance import found_events, require_balance
from tests.support.database import rows
from tests.support.events import event
from tests.support.faults.crash_matrix import ERASING
from tests.support.faults.failing import fail
from tests.support.people import found_in
from warehouse.postgres.locks import LOADS
from warehouse.privacy.person import Subject

QUIETLY = {"say": lambda line: None}


def person(number: int) -> Subject:
    return Subject("shop", "user", f"erased-{number}")


def events_of(number: int) -> list[dict]:
    """Two signed-in views and an anonymous one."""
    name = f"erased-{number}"
    return [
        event(
            f"2026-11-02 09:0{n}",
            f"{name}-device",
            event_id=f"{name}-{n}",
            page_url=f"https://shop.example/{name}",
            **by,
        )
        for n, by in enumerate([{}, {"user_id": name}, {}])
    ]


def erase(settings: Settings, number: int) -> None:
    """With connections of its own, in whatever process this is."""
    with open_installation(settings) as installation:
        privacy.carry_out(installation, privacy.request(installation, "erase", person(number)), **QUIETLY)


@pytest.mark.nights
def test_an_erasure_that_fails_anywhere_in_any_way_is_finished_when_it_is_asked_for_again(installation, landing, size):
    faults = size(ERASING[::3], ERASING)
    landing.land(
        event("2026-11-02 10:00", event_id="other"), *(each for n in range(len(faults)) for each in events_of(n))
    )
    night.nightly(installation, **QUIETLY)
    for number, fault in enumerate(faults):
        fail(fault, erase, installation.settings, number)
        erase(installation.settings, number)
        assert found_in(installation, f"erased-{number}") == [], fault
        require_balance(installation.engine)
    assert found_events(installation.engine) == ["other"]
    assert rows(installation.engine, "select session_count from marts.daily_stats") == [(1,)]
    requests = rows(
        installation.engine, "select state, (receipt #>> '{places,raw.events}')::int from ops.privacy_requests"
    )
    assert requests == [("done", 3)] * len(faults)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_load_that_began_before_an_erasure_is_waited_for_and_what_it_brought_goes_too(installation, landing):
    landing.land(*events_of(1)[:2])
    night.load(installation)
    # Of a new device: only this file shows that it is the person's.
    later = [
        fields | {"anonymous_id": "erased-1-new", "event_id": f"{fields['event_id']}-new"} for fields in events_of(1)
    ]
    landing.land(*later, event("2026-11-02 10:00", event_id="other"))
    (segment,) = sealed_segments(installation.settings.landing)
    with installation.engine.connect() as connection:
        # As a loader does it that found the file a moment later, and is killed between its commit and putting it away.
        hidden = segment.rename(segment.with_name(f".{segment.name}"))
        keys = installation.settings.suppression_key, installation.settings.visitor_key
        equipment = Places(None), Contacts(installation.settings.contact_key), *keys
        assert FileLoad(installation.engine, connection, hidden, FileCount(segment.name), *equipment).run()
        erasing = threading.Thread(target=erase, args=(installation.settings, 1))
        erasing.start()
        waiting = "select 1 from pg_locks where objid = :lock and not granted"
        wait_until(lambda: rows(installation.engine, waiting, lock=LOADS) != [])
        hidden.rename(segment)
        connection.commit()
    erasing.join()
    assert found_events(installation.engine) == ["other"]
    assert found_in(installation, "erased-1") == []
    require_balance(installation.engine)


@pytest.mark.parametrize("other", [pytest.param("a night", marks=pytest.mark.nights), "an export"])
def test_an_erasure_beside_a_night_or_an_export_leaves_nothing(installation, landing, other):
    landing.land(*events_of(1), event("2026-11-02 10:00", event_id="other"))
    if other == "an export":
        asked = privacy.request(installation, "export", person(1))
        racing = threading.Thread(target=privacy.carry_out, args=(installation, asked, QUIETLY["say"]))
    else:
        racing = threading.Thread(target=night.nightly, args=(installation,), kwargs=QUIETLY)
    racing.start()
    erase(installation.settings, 1)
    racing.join()
    night.nightly(installation, **QUIETLY)
    assert found_in(installation, "erased-1") == []
    assert found_events(installation.engine) == ["other"]
    assert rows(installation.engine, "select session_count from marts.daily_stats") == [(1,)]
