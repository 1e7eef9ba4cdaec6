"""Importers: real files in, real sealed segments out."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import groupby

import msgspec
import pytest

from ingestion.event.validate import LandedEvent
from ingestion.importers.access_log import import_access_log
from ingestion.importers.intake import ImportCount
from ingestion.importers.lines import ImporterError
from ingestion.importers.native import import_events
from ingestion.landing.reader import read_lines, sealed_segments
from runtime.settings import PROJECT
from tests.support.ingestion.imports import AGENT, hit, imported, landed, write

REAL_LOG = PROJECT.parent / "shared" / "data" / "access.log"


def test_a_hit_becomes_a_page_view_with_all_the_log_says(tmp_path):
    _, (event,) = imported(tmp_path, hit("/a?b=c", referrer="https://www.google.com/"))
    event_id, device = event.pop("event_id"), event.pop("anonymous_id")
    assert (len(event_id), len(device)) == (36, 32)
    assert event == {
        "kind": "event",
        "site_id": "web",
        "received_at": "2026-05-17T10:05:03Z",
        "occurred_at": "2026-05-17T10:05:03Z",
        "client_timestamp": "2026-05-17T10:05:03Z",
        "event_name": "page_viewed",
        "event_category": "engagement",
        "collector_id": "access-log",
        "page_url": "/a?b=c",
        "referrer": "https://www.google.com/",
        "properties": {"status": 200, "bytes": 512, "method": "GET", "protocol": "HTTP/1.1"},
        "sequence": 1,
        "ip": "192.0.2.7",
        "user_agent": AGENT,
    }


def test_a_dash_means_nothing_was_said(tmp_path):
    line = '192.0.2.7 - - [17/May/2026:12:05:03 +0200] "HEAD / HTTP/1.0" 304 - "-" "-"'
    _, (event,) = imported(tmp_path, line)
    assert event["properties"]["bytes"] == 0
    assert not {"referrer", "user_agent"} & set(event)


def test_a_host_name_distinguishes_devices_but_is_no_address(tmp_path):
    _, events = imported(tmp_path, hit(address="dsl.example.net"), hit(address="2001:db8::1"))
    assert [event.get("ip") for event in events] == [None, "2001:db8::1"]
    assert len({event["anonymous_id"] for event in events}) == 2


def test_a_device_is_an_address_with_a_user_agent(tmp_path):
    _, events = imported(tmp_path, hit("/a"), hit("/b"), hit("/c", agent="curl/8"), hit("/d", address="192.0.2.8"))
    assert [len(list(same)) for _, same in groupby(events, key=lambda event: event["anonymous_id"])] == [
        2,
        1,
        1,
    ]


@pytest.mark.parametrize("target", ["/a.css", "/a/b.PNG", "/f.woff2?v=3", "/favicon.ico", "https://x.example/a.js"])
def test_static_files_are_skipped_unless_included(tmp_path, target):
    assert imported(tmp_path, hit(target)) == (ImportCount(lines=1, skipped=1), [])
    assert imported(tmp_path, hit(target), include_static=True)[0].events == 1


@pytest.mark.parametrize("target", ["/", "/a.html", "/css", "/a.js/page", "/search?q=a.png", "/v1.2"])
def test_pages_are_not_taken_for_static_files(tmp_path, target):
    assert imported(tmp_path, hit(target))[0].events == 1


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        hit()[:-1],
        hit(time="31/Feb/2026:12:05:03 +0200"),
        hit(time="17/Mai/2026:12:05:03 +0200"),
        '192.0.2.7 - - [17/May/2026:12:05:03 +0200] "\\x16\\x03" 400 0 "-" "-"',
    ],
)
def test_a_line_that_does_not_parse_is_rejected_by_its_number_and_the_rest_is_kept(tmp_path, line):
    count, (_, reject, _) = imported(tmp_path, hit("/before"), line, hit("/after"))
    assert count == ImportCount(lines=3, events=2, rejects=1)
    assert (reject["kind"], reject["reason"], reject["field"]) == ("reject", "unparsable_line", "line 2")
    assert (reject["payload"], reject["site_id"]) == (line, "web")


def test_every_line_is_counted_once(tmp_path):
    count, _ = imported(tmp_path, hit(), "", hit("/a.css"), "nonsense", hit("/b"))
    assert count == ImportCount(lines=5, events=2, rejects=1, skipped=2)
    assert count.lines == count.events + count.rejects + count.skipped


def test_identical_hits_are_kept_and_a_second_import_adds_no_new_event(tmp_path):
    _, first = imported(tmp_path, hit("/a"), hit("/a"), hit("/b"))
    assert len({event["event_id"] for event in first}) == 3
    _, twice = imported(tmp_path, hit("/a"), hit("/a"), hit("/b"), hit("/c"))
    assert len(twice) == 7
    assert len({event["event_id"] for event in twice}) == 4


def test_a_second_import_lands_the_same_bytes(tmp_path):
    log = write(tmp_path / "access.log", "no time yet", hit("/a"), "nonsense", hit("/b"))
    for landing in (tmp_path / "one", tmp_path / "two"):
        import_access_log([log], "web", landing)
    assert landed(tmp_path / "one") == landed(tmp_path / "two")


def test_gzip_and_plain_files_make_the_same_events(tmp_path):
    plain = write(tmp_path / "access.log", *[hit(f"/{number}") for number in range(20)])
    packed = tmp_path / "access.log.1"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    import_access_log([plain], "web", tmp_path / "one")
    import_access_log([packed], "web", tmp_path / "two")
    assert landed(tmp_path / "one") == landed(tmp_path / "two")


def test_a_damaged_gzip_file_is_named_and_what_came_before_the_damage_is_landed(tmp_path):
    packed = tmp_path / "access.log.gz"
    content = "".join(f"{hit(f'/{number * 7919 % 5003}')}\n" for number in range(5000)).encode()
    packed.write_bytes(gzip.compress(content)[:-2000])
    with pytest.raises(ImporterError, match=r"access\.log\.gz: unreadable after line \d+"):
        import_access_log([packed], "web", tmp_path / "landing")
    assert 0 < len(landed(tmp_path / "landing")) < 5000


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ImporterError, match="nowhere"):
        import_access_log([tmp_path / "nowhere.log"], "web", tmp_path / "landing")


def test_an_enormous_line_costs_itself_only(tmp_path):
    count, (reject, _) = imported(tmp_path, "[ " * 1_500_000, hit())
    assert count == ImportCount(lines=2, events=1, rejects=1)
    assert len(reject["payload"]) == 16 * 1024


def test_progress_is_reported_to_the_end(tmp_path):
    seen = []
    imported(tmp_path, hit(), progress=lambda count: seen.append(count.lines))
    assert seen[-1] == 1


@pytest.mark.beside(REAL_LOG)
def test_a_real_log_of_ten_thousand_lines_is_read_to_the_last_one(tmp_path):
    count = import_access_log([REAL_LOG], "web", tmp_path / "landing", include_static=True)
    assert count == ImportCount(lines=10_000, events=9_999, rejects=1)
    lines = landed(tmp_path / "landing")
    (reject,) = [line for line in lines if line["kind"] == "reject"]
    assert reject["field"] == "line 8899"
    events = [line for line in lines if line["kind"] == "event"]
    assert len({event["event_id"] for event in events}) == 9_999
    assert len({event["anonymous_id"] for event in events}) == 1_861
    visits = sorted((event["anonymous_id"], event["occurred_at"]) for event in events)
    assert (min(at for _, at in visits), max(at for _, at in visits)) == (
        "2015-05-17T10:05:00Z",
        "2015-05-20T21:05:59Z",
    )
    session_count, before = 0, ("", datetime(1970, 1, 1, tzinfo=UTC))
    for device, stamp in visits:
        at = datetime.fromisoformat(stamp)
        session_count += device != before[0] or at - before[1] > timedelta(minutes=30)
        before = device, at
    assert session_count == 3_223


EVENT = {
    "event_name": "page_viewed",
    "client_timestamp": "2026-05-17T10:05:03.250Z",
    "anonymous_id": "d",
    "event_id": "e",
}


def imported_events(tmp_path, *events):
    landing = tmp_path / "landing"
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    count = import_events([write(tmp_path / "events.ndjson", *lines)], "web", landing)
    assert count.lines == count.events + count.rejects + count.skipped
    return landed(landing)


def test_an_imported_event_arrived_when_it_happened_unless_it_says_otherwise(tmp_path):
    silent, telling = imported_events(tmp_path, EVENT, EVENT | {"received_at": "2026-05-17T12:06:00+02:00"})
    assert silent["received_at"] == silent["occurred_at"] == "2026-05-17T10:05:03.250000Z"
    assert telling["received_at"] == "2026-05-17T10:06:00Z"
    assert telling["occurred_at"] == "2026-05-17T10:05:03.250000Z"


def test_an_imported_event_keeps_its_sender(tmp_path):
    (event,) = imported_events(tmp_path, EVENT | {"ip": "192.0.2.7", "user_agent": "x" * 600})
    assert (event["ip"], event["user_agent"], event["site_id"]) == ("192.0.2.7", "x" * 512, "web")


def test_an_imported_event_may_be_what_a_server_says_of_a_person(tmp_path):
    said = {"context": "server", "client_ip": "192.0.2.8", "client_user_agent": "Firefox"}
    (event,) = imported_events(tmp_path, EVENT | said | {"ip": "192.0.2.7", "user_agent": "curl/8"})
    assert (event["context"], event["ip"], event["user_agent"]) == ("server", "192.0.2.8", "Firefox")


@pytest.mark.parametrize("field", ["ip", "client_ip"])
def test_of_several_addresses_of_an_imported_event_the_first_counts(tmp_path, field):
    (event,) = imported_events(tmp_path, EVENT | {field: "[::ffff:192.0.2.7]:51234, 10.0.0.1"})
    assert event["ip"] == "192.0.2.7"


def test_a_user_agent_loses_what_no_database_stores(tmp_path):
    (event,) = imported_events(tmp_path, EVENT | {"user_agent": "a\0b\ud800"})
    assert (event["user_agent"], event["flags"]) == ("ab\ufffd", ["sanitised"])


def test_the_user_agent_of_a_hit_loses_what_no_database_stores(tmp_path):
    _, (event,) = imported(tmp_path, hit(agent="a\0b"))
    assert event["user_agent"] == "ab"


def test_an_imported_event_is_never_too_old(tmp_path):
    (event,) = imported_events(tmp_path, EVENT | {"client_timestamp": "2009-01-01T00:00:00Z"})
    assert event["kind"] == "event"


def test_an_imported_event_without_an_id_gets_the_same_one_each_time(tmp_path):
    bare = {name: value for name, value in EVENT.items() if name != "event_id"}
    (first,) = imported_events(tmp_path, bare)
    assert {event["event_id"] for event in imported_events(tmp_path, bare)} == {first["event_id"]}


def test_hits_of_one_second_are_numbered_in_the_order_of_their_lines(tmp_path):
    later = "17/May/2026:12:05:04 +0200"
    _, events = imported(tmp_path, hit("/a"), hit("/x.css"), hit("/b", later), hit("/b"), hit("/b"), "nonsense")
    assert [event.get("sequence") for event in events] == [1, 1, 3, 4, None]


def test_an_imported_event_keeps_its_own_count_or_gets_the_number_of_its_line(tmp_path):
    bare = {name: value for name, value in EVENT.items() if name != "event_id"}
    events = imported_events(tmp_path, bare, "", bare, bare | {"sequence": 7}, bare | {"sequence": 0})
    assert [event["sequence"] for event in events] == [1, 3, 7, 0]
    # A filled count is no part of the content, and a given one is.
    assert [event["event_id"] == events[0]["event_id"] for event in events] == [True, True, False, False]


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        ("{broken", "invalid_json", "line 2"),
        ("[" * 100_000, None, "line 2"),
        ("7", "not_an_object", "line 2"),
        (EVENT | {"event_name": "Page Viewed"}, "invalid_field", "event_name"),
        (EVENT | {"client_timestamp": "tomorrow"}, "invalid_timestamp", "client_timestamp"),
        (EVENT | {"client_timestamp": "0001-01-01T00:00:00Z"}, "invalid_timestamp", "client_timestamp"),
        (EVENT | {"received_at": "2026-05-17T10:05:03"}, "invalid_field", "received_at"),
        (EVENT | {"received_at": "0001-01-01T00:00:00Z"}, "invalid_timestamp", "received_at"),
        (EVENT | {"ip": "somewhere"}, "invalid_field", "ip"),
        (EVENT | {"sequence": -1}, "invalid_field", "sequence"),
        (EVENT | {"sequence": 2**53}, "invalid_field", "sequence"),
        (EVENT | {"sequence": "1"}, "invalid_field", "sequence"),
        (EVENT | {"sequence": 1.5}, "invalid_field", "sequence"),
        (EVENT | {"user_agent": 7}, "invalid_field", "user_agent"),
        (
            {name: value for name, value in EVENT.items() if name != "anonymous_id"},
            "missing_identity",
            "anonymous_id",
        ),
    ],
)
def test_an_event_that_fails_the_checks_is_rejected_and_the_rest_is_kept(tmp_path, event, reason, field):
    before, reject, after = imported_events(tmp_path, EVENT, event, EVENT)
    assert (before["kind"], reject["kind"], after["kind"]) == ("event", "reject", "event")
    assert reject["reason"] == (reason or reject["reason"])
    assert reject["field"] == field
    assert reject["received_at"] == "2026-05-17T10:05:03.250000Z"


def test_lines_are_events_or_rejects_of_the_landing_zone(tmp_path):
    import_events([write(tmp_path / "e", json.dumps(EVENT))], "web", tmp_path / "landing")
    (segment,) = sealed_segments(tmp_path / "landing")
    (line,) = read_lines(segment)
    assert msgspec.json.decode(line.content, type=LandedEvent).event_id == "e"
