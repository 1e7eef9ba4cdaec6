"""On a cookieless site a device is derived at receipt: the same in all processes, another one each day, and no cookie."""

import json
import shutil
import struct
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from ingestion.collector.cookieless import Devices, derive
from ingestion.collector.device_keys import key_files
from tests.support.ingestion.landed import GOOD, accepted, land, read, refused
from tests.support.ingestion.running_collector import RunningCollector, make_event, wait_until, write_registry

TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
KEY = bytes(range(32))
BARE = {"event_name": "page_viewed", "client_timestamp": "2026-11-20T11:59:00Z"}
SERVER = {"stored_address": str, "find_device": Devices("shop", UTC, TODAY, {TODAY: KEY}, None).find}
AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


def browser(client: str = "203.0.113.9", **keys: bytes) -> dict:
    """How a browser's request arrives at a cookieless site."""
    days = {TODAY: KEY, **{date.fromisoformat(day): key for day, key in keys.items()}}
    return {"user_agent": AGENT, "find_device": Devices("shop", UTC, TODAY, days, client).find}


def bare(circumstances: dict, **fields):
    return read(json.dumps(BARE | fields).encode(), **circumstances)


# One event -------------------------------------------------------------------------------------------------


def test_a_bare_page_view_gets_a_device_and_on_a_site_of_devices_stays_a_reject():
    event = accepted(bare(browser()))
    assert event.anonymous_id == derive(KEY, "shop", TODAY, "203.0.113.9", AGENT)
    assert event.anonymous_id.startswith("cookieless:")
    assert refused(bare({"user_agent": AGENT})) == ("missing_identity", "anonymous_id")


def test_what_a_client_keeps_is_not_taken_and_whom_a_page_names_is():
    event = accepted(
        land(browser(), anonymous_id="kept", session_id="kept", sequence=48213, user_id="anna", page_url="/a")
    )
    assert (event.anonymous_id, event.session_id, event.sequence) == (bare(browser()).anonymous_id, None, None)
    assert (event.user_id, event.event_id) == ("anna", "e1")


def test_an_id_of_a_page_view_joins_no_two_days():
    """Of one day it joins what happened on the page."""
    over_midnight = browser(**{str(YESTERDAY): bytes(32)})
    times = ("2026-11-19T23:59:00Z", "2026-11-20T00:01:00Z", "2026-11-20T00:02:00Z")
    before, after, later = (
        accepted(bare(over_midnight, client_timestamp=at, page_view_id="v")).page_view_id for at in times
    )
    assert before != after == later != "v"


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("203.0.113.9", "203.0.113.10", False),
    ],
)
def test_an_ipv4_address_is_one_device_and_so_is_a_64_of_ipv6(one, other, are_one):
    assert (derive(KEY, "shop", TODAY, one, AGENT) == derive(KEY, "shop", TODAY, other, AGENT)) is are_one


def test_each_of_key_site_day_address_and_user_agent_makes_another_device():
    given = (KEY, "shop", TODAY, "203.0.113.9", AGENT)
    others = (b"another", "blog", YESTERDAY, "203.0.113.8", None)
    devices = {derive(*given)} | {derive(*given[:n], others[n], *given[n + 1 :]) for n in range(5)}
    assert len(devices) == 6


def test_a_server_speaks_for_the_person_whom_it_names_in_any_spelling():
    named = {"client_ip": "203.0.113.9", "client_user_agent": AGENT}
    device = accepted(bare(browser())).anonymous_id
    for client_ip in ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9:4711", "203.0.113.9, 10.0.0.1"):
        assert accepted(bare(SERVER, **named | {"client_ip": client_ip})).anonymous_id == device
    for nameless in ({}, {"client_user_agent": AGENT}, {"client_ip": "unknown"}, {"context": "server"}):
        assert refused(bare(SERVER, **nameless)) == ("missing_identity", "client_ip")
        signed_in = accepted(bare(SERVER, user_id="anna", **nameless))
        assert (signed_in.anonymous_id, signed_in.user_id) == (None, "anna")
    assert refused(bare(browser(), **named)) == ("server_key_required", "client_ip")


def test_the_device_is_that_of_the_day_on_which_it_happened_as_long_as_its_key_is_kept():
    before = {"client_timestamp": "2026-11-19T23:59:59Z"}
    kept = accepted(bare(browser(**{str(YESTERDAY): b"yesterday's"}), **before))
    assert kept.anonymous_id == derive(b"yesterday's", "shop", YESTERDAY, "203.0.113.9", AGENT)
    late = accepted(bare(browser(), **before))
    assert late.anonymous_id == derive(KEY, "shop", YESTERDAY, "203.0.113.9", AGENT)
    assert late.anonymous_id != accepted(bare(browser())).anonymous_id


def test_an_id_is_derived_from_what_was_sent_and_not_from_the_device():
    yesterday = {"client_timestamp": "2026-11-19T23:59:59Z"}
    first = accepted(bare(browser(**{str(YESTERDAY): b"yesterday's"}), **yesterday))
    again = accepted(bare(browser("198.51.100.7"), **yesterday))
    assert first.event_id == again.event_id
    assert first.anonymous_id != again.anonymous_id
    # Two people look at one page in one moment.
    assert accepted(bare(browser() | {"user_agent": "another"}, **yesterday)).event_id != first.event_id


@pytest.mark.parametrize("ids", [{"anonymous_id": "device-1"}, {"user_id": "u"}, {"anonymous_id": "d", "sequence": 3}])
def test_an_id_derived_before_a_site_became_cookieless_stays(ids):
    without = {name: value for name, value in GOOD.items() if name not in ("event_id", "anonymous_id")}
    content = json.dumps(without | ids).encode()
    assert accepted(read(content, **browser())).event_id == accepted(read(content)).event_id


def test_who_asks_not_to_be_tracked_is_the_pseudonym_of_the_event_alone():
    private = accepted(bare({"is_private": True, "user_agent": AGENT}))
    assert private.anonymous_id.startswith("private:")
    assert private == accepted(bare(browser() | {"is_private": True}))


# Processes -------------------------------------------------------------------------------------------------


def write_zone(path: Path, midnight: datetime) -> None:
    """Write a timezone in which the day begins at a moment."""
    offset = int((timedelta(days=1) - (midnight - midnight.replace(hour=0, minute=0, second=0))).total_seconds())
    block = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", offset, 0, 0) + b"LMT\0"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(block + block + b"\n\n")


def devices_of_all_processes(collector: RunningCollector, site: str, **fields) -> set[str]:
    """Post until each of two processes has answered, and return the devices that they derived."""

    def post() -> bool:
        event = make_event(**{"anonymous_id": None, "page_type": str(time.time_ns())} | fields)
        answer = httpx.post(f"{collector.url}/v1/events?key=key-of-{site}", json={"events": [event]})
        if answer.status_code == 401:
            return False  # The process has not read yet that there is this site.
        assert answer.json()["accepted"] == 1
        sent.add(event["page_type"])
        return len({event.collector_id for event in landed()}) == 2

    def landed():
        return [event for event in collector.events() if event.page_type in sent]

    sent: set[str] = set()
    wait_until(post)
    return {event.anonymous_id for event in landed()}


@pytest.fixture
def soon(tmp_path, monkeypatch, start_collector):
    """Two processes of two cookieless sites: the day of one begins in seconds, the other's began an hour before that."""
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path / "zones"))
    write_registry(tmp_path, {})
    start = partial(start_collector, collector_processes=2)
    collector = start()
    midnight = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    write_zone(tmp_path / "zones" / "Midnight", midnight)
    write_zone(tmp_path / "zones" / "Hour", midnight - timedelta(hours=1))
    zones = {"shop": "Midnight", "blog": "Hour"}
    write_registry(tmp_path, {site: {"timezone": zone, "identity": "cookieless"} for site, zone in zones.items()})
    keys = partial(key_files, tmp_path / "device_keys")
    return SimpleNamespace(collector=collector, start=start, midnight=midnight, keys=keys)


def test_processes_agree_before_and_after_midnight_and_after_the_hour_no_key_is_left(soon):
    collector, moment_before = soon.collector, (soon.midnight - timedelta(seconds=1)).isoformat()
    before = devices_of_all_processes(collector, "shop")
    devices_of_all_processes(collector, "blog")
    keys_before, [_, due] = soon.keys("shop"), sorted(soon.keys("blog"), reverse=True)
    assert datetime.now(UTC) < soon.midnight
    secret = due.read_bytes()[:32]
    wait_until(lambda: datetime.now(UTC) > soon.midnight)
    after = devices_of_all_processes(collector, "shop")
    assert (len(before), len(after), before & after) == (1, 1, set())
    assert devices_of_all_processes(collector, "shop", client_timestamp=moment_before) == before
    assert len(keys_before) == 1
    assert len(soon.keys("shop")) == 2
    wait_until(lambda: not due.exists(), 2)
    assert len(soon.keys("blog")) == 1
    assert not any(secret in path.read_bytes() for path in collector.home.rglob("*") if path.is_file())
    # Killed and started again, all know the keys that are kept, and what was left behind goes.
    collector.kill()
    left = due.with_name("shop.2026-01-01.key")
    left.write_bytes(bytes(64))
    again = soon.start()
    assert not left.exists()
    assert devices_of_all_processes(again, "shop") == after
    assert devices_of_all_processes(again, "shop", client_timestamp=moment_before) == before


def test_nothing_is_acknowledged_under_a_key_that_is_not_on_disk_and_other_sites_are_not_disturbed(
    start_collector, tmp_path
):
    write_registry(tmp_path, {"shop": {"identity": "cookieless"}, "blog": {}})
    in_the_way = tmp_path / "device_keys"
    in_the_way.write_text("no folder")
    collector = start_collector()
    for _ in range(2):
        answer = collector.post(make_event(event_id="later"))
        assert (answer.status_code, answer.json()["error"]) == (503, "landing_unavailable")
        assert answer.headers["retry-after"] == "5"
    assert collector.post(make_event(), key="key-of-blog").status_code == 202
    assert collector.post(make_event(), consent=False).status_code == 202
    assert collector.log().count("keys of cookieless sites cannot be read or made") == 1
    in_the_way.unlink()
    assert collector.post(make_event(event_id="later")).status_code == 202
    assert [event.event_id for event in collector.events()].count("later") == 1
    # A key that is lost later is not derived with from then on either, but for the second until that is seen.
    # Within the hour after midnight there are two: that of the day which has ended is kept for what is sent again.
    assert key_files(in_the_way)
    shutil.rmtree(in_the_way)
    in_the_way.write_text("no folder")
    wait_until(lambda: collector.post(make_event()).status_code == 503, 2)


def test_addresses_land_as_set_and_nowhere_else(start_collector, tmp_path):
    write_registry(tmp_path, {"shop": {"identity": "cookieless"}})
    collector = start_collector(ip_mode="none", trusted_proxies="127.0.0.1")
    for number, address in enumerate(("203.0.113.9", "203.0.113.77", "::ffff:203.0.113.9")):
        headers = {"x-forwarded-for": address}
        batch = {"events": [make_event(event_id=number)]}
        assert collector.client.post("/v1/events?key=key-of-shop", json=batch, headers=headers).status_code == 202
    one, other, again = [event.anonymous_id for event in collector.events()]
    assert one == again != other
    assert {event.ip for event in collector.events()} == {None}
    assert not any(b"203.0.113" in path.read_bytes() for path in collector.home.rglob("*") if path.is_file())
