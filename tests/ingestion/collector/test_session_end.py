"""POST /v1/sessions/end: the session ends, once however often it is asked for, under the same rules as events."""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from footfall.pipeline import night
from ingestion.collector.session_end import read_session_end, validate_session_end
from tests.support.database import rows
from tests.support.ingestion.landed import NOW, accepted, reception, refused
from tests.support.ingestion.running_collector import make_event, wait_until, write_registry

PATH = "/v1/sessions/end"


def end(now=NOW, *, said=None, circumstances=None, **fields):
    """What becomes of a request that arrives now."""
    batch = read_session_end(said or json.dumps(fields).encode(), now)
    return validate_session_end(batch.events[0], reception(received_at=now, **circumstances or {}))


def test_a_session_ends_with_sign_out_unless_the_request_says_otherwise():
    event = accepted(end(anonymous_id="d", ended_at="2026-11-20T11:59:00+01:00"))
    assert (event.event_name, event.event_category, bytes(event.properties)) == (
        "session_ended",
        "system",
        b'{"reason":"sign_out"}',
    )
    assert event.occurred_at == datetime(2026, 11, 20, 10, 59, tzinfo=UTC)
    assert bytes(accepted(end(user_id="u", reason="user_switch")).properties) == b'{"reason":"user_switch"}'


def test_the_id_follows_from_site_person_reason_and_time():
    first = {"anonymous_id": "d", "user_id": "u", "ended_at": "2026-11-20T11:00:00Z"}
    same = (
        {},
        {"ended_at": "2026-11-20T12:00:00.000+01:00"},
        {"reason": "sign_out"},
        {"user_id": None},
        {"event_id": "own", "event_name": "page_viewed", "properties": {"reason": "user_switch"}},
    )
    assert {end(**first | each).event_id for each in same} == {end(**first).event_id}
    others = (
        {"anonymous_id": "e"},
        {"anonymous_id": None},
        {"reason": "page_unload"},
        {"ended_at": "2026-11-20T11:00:00.001Z"},
        {"circumstances": {"site_id": "blog"}},
    )
    assert len({end(**first | each).event_id for each in ({}, *others)}) == 1 + len(others)


def test_without_a_time_calls_of_one_minute_are_one_and_each_ends_when_it_arrives():
    minute = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    moments = (minute, minute + timedelta(seconds=31), minute + timedelta(seconds=59, microseconds=999_999))
    found = [accepted(end(moment, user_id="u")) for moment in moments]
    assert len({(event.event_id, event.client_timestamp) for event in found}) == 1
    assert [event.occurred_at for event in found] == list(moments)
    assert end(minute + timedelta(minutes=1), user_id="u").event_id != found[0].event_id


def test_without_a_time_a_clients_wrong_clock_changes_nothing():
    now = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
    body = json.dumps({"user_id": "u", "sent_at": "2026-11-20T12:10:30Z"}).encode()
    batch = read_session_end(body, now)
    event = validate_session_end(batch.events[0], reception(received_at=now, sent_at=batch.sent_at))
    assert accepted(event).occurred_at == now


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, ("missing_identity", "anonymous_id")),
        ({"anonymous_id": "null"}, ("invalid_id", "anonymous_id")),
        ({"user_id": "u", "ended_at": "yesterday"}, ("invalid_timestamp", "ended_at")),
        ({"user_id": "u", "ended_at": "2026-11-20T11:00:00"}, ("invalid_timestamp", "ended_at")),
        ({"user_id": "u", "ended_at": 5}, ("invalid_timestamp", "ended_at")),
        ({"user_id": "u", "ended_at": "0999-11-20T11:00:00Z"}, ("invalid_timestamp", "ended_at")),
        ({"user_id": "u", "reason": "bored"}, ("invalid_field", "reason")),
        ({"user_id": "u", "reason": ["sign_out"]}, ("invalid_field", "reason")),
        ({"user_id": "u", "reason": "x" * 9000}, ("too_large", "reason")),
        ({"user_id": "u", "client_ip": "203.0.113.9"}, ("server_key_required", "client_ip")),
    ],
)
def test_what_breaks_a_rule_is_rejected_by_the_name_of_its_field(said, reason):
    assert refused(end(**said)) == reason


def test_an_id_given_twice_is_refused_and_a_time_to_come_is_now():
    assert refused(end(said=b'{"user_id":"a","user_id":"b"}')) == ("duplicate_key", "user_id")
    event = accepted(end(user_id="u", ended_at="2099-01-01T00:00:00Z"))
    assert (event.occurred_at, event.flags) == (NOW, ["clock_clamped"])
    old = {"oldest": NOW - timedelta(days=90)}
    assert refused(end(user_id="u", ended_at="2026-01-01T00:00:00Z", circumstances=old)) == ("too_old", "ended_at")
    assert refused(end(user_id="u", circumstances={"is_private": True})) == ("private", None)


def test_it_is_taken_and_refused_as_events_are(start_collector, tmp_path):
    sites = {
        "shop": {"origins": ["https://shop.example"]},
        "quiet": {"identity": "cookieless"},
    }
    write_registry(tmp_path, sites, server_keys=[hashlib.sha256(b"key-of-quiet").hexdigest()])
    collector = start_collector()

    def post(body, key="key-of-shop", **headers):
        default = {"authorization": f"Bearer {key}", "content-type": "text/plain;charset=UTF-8"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return collector.client.post(PATH, content=content, headers=default | headers)

    taken = {"accepted": 1, "rejected": 0, "errors": []}
    person = {"anonymous_id": "d", "ended_at": datetime.now(UTC).isoformat()}
    packed = gzip.compress(json.dumps(person).encode())
    for answer in (
        post(person, **{"content-type": "application/json"}),
        post(packed, **{"content-encoding": "gzip"}),
        collector.client.post(
            f"{PATH}?key=key-of-shop", content=json.dumps(person), headers={"content-type": "text/plain"}
        ),
    ):
        assert (answer.status_code, answer.json()) == (202, taken)
    assert len({event.event_id for event in collector.events()}) == 1
    no_one = post({}).json()
    assert no_one["errors"] == [{"index": 0, "reason": "missing_identity", "field": "anonymous_id"}]
    assert [reject.reason for reject in collector.rejects()] == ["missing_identity"]
    # The server of a cookieless site says whose session ends, by the user or by the address.
    assert post({"reason": "sign_out"}, "key-of-quiet").json()["errors"][0]["reason"] == "missing_identity"
    assert post({"user_id": "u"}, "key-of-quiet").json() == taken
    about = {"client_ip": "203.0.113.9", "client_user_agent": "Firefox"}
    assert post(about, "key-of-quiet").json() == taken
    assert collector.events()[-1].anonymous_id.startswith("cookieless:")
    for status, answer in {
        400: post(b"[]"),
        401: post(person, "no-key"),
        403: post(person, origin="https://evil.example"),
        413: post(b" " * (1 << 20) + b"{}"),
        415: post(person, **{"content-type": "text/html"}),
    }.items():
        assert answer.status_code == status, answer.text
    assert post(b"{").json()["message"].startswith("the body is not JSON")
    assert collector.client.get(PATH).headers["allow"] == "POST, OPTIONS"
    assert post(person, origin="https://shop.example").headers["access-control-allow-origin"] == "https://shop.example"


def test_a_session_that_is_ended_twice_ended_once(installation, start_collector):
    """With a time and without one; and again after a load."""
    home = installation.settings.home
    write_registry(home)
    ago = datetime.now(UTC) - timedelta(minutes=5)
    with_time = {"anonymous_id": "a", "ended_at": (ago + timedelta(minutes=4)).isoformat()}

    def collect(*ends, events=()):
        collector = start_collector(home=home)
        collector.post(*events)
        for said in ends:
            answer = collector.client.post(PATH, json=said, headers={"authorization": "Bearer key-of-shop"})
            assert answer.json()["accepted"] == 1
        assert collector.stop() == 0
        night.load(installation)

    viewed = [make_event(anonymous_id=device, client_timestamp=ago.isoformat()) for device in "ab"]
    wait_until(lambda: datetime.now(UTC).second < 55)
    collect(with_time, {"anonymous_id": "b"}, {"anonymous_id": "b"}, events=viewed)
    collect(with_time)
    night.nightly(installation, say=lambda line: None)
    found = rows(installation.engine, "select visitor_id, event_count, end_cause from marts.sessions order by 1")
    assert found == [("a", 2, "signed_out"), ("b", 2, "signed_out")]
    counts = "select sum(loaded_count), sum(duplicate_count), sum(rejected_count) from ops.landed_files"
    assert rows(installation.engine, counts) == [(4, 2, 0)]
