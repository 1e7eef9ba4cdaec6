"""A line belongs to the user it names, or else to the owner of its device at that time; on that site alone."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from ingestion.load.suppressed import Suppressed
from tests.support.events import event, landed_line
from warehouse.privacy.suppressions import Suppression, subject_hash

KEY = b"key"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def kept_out(kind, subject, site="shop", **ends):
    hashed = subject_hash(KEY, site, kind, subject)
    return Suppression(site, kind, hashed, hashed, NOON, **ends)


def line(at=NOON, site="shop", **fields):
    return landed_line(event(at, **fields), site)


ANN, PHONE = kept_out("user", "ann"), kept_out("device", "phone")


@pytest.mark.parametrize(
    ("fields", "site", "is_of_person"),
    [
        ({"user_id": "ann"}, "shop", True),
        ({"user_id": "ann", "device": "other"}, "shop", True),
        ({"device": "phone"}, "shop", True),
        ({"device": "phone", "user_id": "bea"}, "shop", False),
        ({"device": "ann"}, "shop", False),
        ({"user_id": "phone"}, "shop", False),
        ({"user_id": "anna"}, "shop", False),
        ({"user_id": "ann"}, "blog", False),
        ({"device": "phone"}, "blog", False),
    ],
)
def test_an_event_is_its_users_or_else_its_devices(fields, site, is_of_person):
    assert Suppressed([ANN, PHONE], KEY).has_line(line(site=site, **fields)) is is_of_person


def test_a_shared_device_is_the_persons_from_the_first_moment_to_before_the_last():
    suppressed = Suppressed([kept_out("device", "tablet", from_at=NOON, until_at=NOON + HOUR)], KEY)
    moments = {
        NOON - timedelta(seconds=1): False,
        NOON: True,
        NOON + HOUR - timedelta(seconds=1): True,
        NOON + HOUR: False,
    }
    assert {at: suppressed.has_line(line(at, device="tablet")) for at in moments} == moments


def test_who_is_readmitted_is_kept_out_until_that_moment():
    suppressed = Suppressed([kept_out("user", "ann", lifted_at=NOON)], KEY)
    assert suppressed.has_line(line(NOON - HOUR, user_id="ann"))
    assert not suppressed.has_line(line(NOON, user_id="ann"))


PAYLOADS = {
    "named": ('{"user_id": "ann", "screen_width": -1}', True),
    "device": ('{"anonymous_id": "phone"}', True),
    "named twice": ('{"user_id": "ann", "user_id": "bea"}', True),
    "another user of the device": ('{"anonymous_id": "phone", "user_id": "bea"}', True),
    "another user alone": ('{"anonymous_id": "laptop", "user_id": "bea"}', False),
    "only mentioned": ('{"user_id": "bea", "page_title": "ann"}', True),
    "another spelling": ('{"userId": "ann", "anonymous_id": "d9", "event_name": "Bad"}', True),
    "small and joined": ('{"userid": "ann"}', True),
    "another spelling of the device": ('{"AnonymousId": "phone"}', True),
    "in a list": ('{"user_id": ["ann"]}', True),
    "in an object": ('{"user_id": {"value": "ann"}}', True),
    "deep": ('[[{"a": [{"b": {"whoever": ["x", "ann"]}}]}]]', True),
    "as a key": ('{"users": {"ann": true}}', True),
    "beside another": ('{"user_id": "bea", "userId": "ann"}', True),
    "a text alone": ('"ann"', True),
    "no JSON": ("ann", True),
    "no JSON, single quotes": ("{'user_id': 'ann'}", True),
    "a form": ("user_id=ann&event_name=Bad", True),
    "a line of a table": ("2026-11-02;ann;Bad", True),
    "a sentence": ('{"message": "no such customer: ann."}', True),
    "in an address": ('{"user_id": "bea", "page_url": "https://shop.example/?uid=ann"}', True),
    "escaped": (r'{"userId": "\u0061nn"}', True),
    "escaped and torn": (r'{"userId": "\u0061nn", "page', True),
    "encoded": ('{"page_url": "https://shop.example/?u=%61nn"}', True),
    "quoted JSON": (r'{"body": "{\"userId\": \"ann\"}"}', True),
    "with blanks": ('{"user_id": " ann "}', True),
    "part of a word": ('{"user_id": "anna", "page_title": "joann"}', False),
    "another in a list": ('{"user_id": ["bea"]}', False),
    "wrapped": ('{"event": {"user_id": "ann"}}', True),
    "torn": ('{"user_id":"ann","page_url":"https://sh', True),
    "torn in quotes of quotes": ('{"payload":"{\\"user_id\\":\\"ann\\",', True),
    "torn and another's": ('{"user_id":"anna","page_url":"https://sh', False),
    "a list": ('["ann"]', True),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("payload", "is_of_person"), PAYLOADS.values(), ids=PAYLOADS)
def test_what_was_rejected_is_the_persons_whom_it_names_and_where_it_cannot_be_read_whose_id_stands_in_it(
    payload, is_of_person
):
    suppressed = Suppressed([ANN, PHONE], KEY)
    assert suppressed.has_payload("shop", NOON, payload) is is_of_person
    assert not suppressed.has_payload("blog", NOON, payload)


NUMBERED = {
    "a number": ('{"userId": 47}', True),
    "in a list": ('{"user_id": [12, 47]}', True),
    "nested": ('{"user": {"id": 47}}', True),
    "of another kind": ('{"customerNumber": 47}', True),
    "a text": ('{"who": "47"}', True),
    "torn": ('{"user_id": 47, "page', True),
    "in an address": ('{"page_url": "https://shop.example/?user_id=47"}', True),
    "a width": ('{"user_id": 12, "screen_width": 47}', False),
    "a moment": ('{"client_timestamp": "2026-11-02T09:47:00Z"}', False),
    "a torn moment": ('{"client_timestamp": "2026-11-02T09:47', False),
    "a longer number": ('{"user_id": 471}', False),
}


@pytest.mark.parametrize(("payload", "is_of_person"), NUMBERED.values(), ids=NUMBERED)
def test_a_short_number_names_a_person_where_it_stands_for_an_id(payload, is_of_person):
    assert Suppressed([kept_out("user", "47")], KEY).has_payload("shop", NOON, payload) is is_of_person


@pytest.mark.parametrize(
    "subject",
    ["ann-4711", "Ann Smith", "ann@shop", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "a:b/c", "日本語", "ann.smith"],
)
@pytest.mark.parametrize(
    "written", ['{{"x": "{}"}}', '{{"x": ["{}"', "user={}&x=1", '{{"title": "Hello {}!"}}', "{{'u': '{}'}}", "1;{};2"]
)
def test_an_id_of_any_signs_is_found_in_any_text(subject, written):
    suppressed = Suppressed([kept_out("user", subject)], KEY)
    assert suppressed.has_payload("shop", NOON, written.format(subject))
    assert not suppressed.has_payload("shop", NOON, written.format(f"x{subject}x"))


def test_a_uuid_is_found_however_it_is_written():
    suppressed = Suppressed([kept_out("user", "3f2504e0-4f89-11d3-9a0c-0305e82c3301")], KEY)
    for written in ("3F2504E0-4F89-11D3-9A0C-0305E82C3301", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"):
        assert suppressed.has_payload("shop", NOON, json.dumps({"userId": [written]}))
        assert suppressed.has_payload("shop", NOON, f"user {written} is unknown")


@pytest.mark.parametrize(
    "payload", ['{"user_id": "\\ud800"}', '{"user_id": "\\ud800', '{"a\\udfff": 1}', "\x00\x1f", "[" * 9_000]
)
def test_no_text_stops_the_search(payload):
    assert not Suppressed([ANN, PHONE], KEY).has_payload("shop", NOON, payload)


@pytest.mark.parametrize("unit", ["a-b ", "abc ", "id ", '"', "user_id=", "%41", "[", "\\u0041", "ab1-"])
def test_the_longest_reject_is_searched_in_a_moment(unit):
    """Strangers write rejects: 16 KiB of them took 60 ms at most on a machine of two cores."""
    suppressed = Suppressed([ANN, PHONE], KEY)
    started = time.monotonic()
    suppressed.has_payload("shop", NOON, unit * (16_384 // len(unit)))
    assert time.monotonic() - started < 1


def test_a_torn_line_of_another_site_is_not_the_persons():
    torn = line(user_id="ann", site="blog")[:-30]
    assert not Suppressed([ANN], KEY).has_line(torn)
    assert Suppressed([ANN], KEY).has_line(line(user_id="ann")[:-30])


def test_an_id_in_another_alphabet_is_found_however_json_writes_it():
    suppressed = Suppressed([kept_out("user", "jürgen")], KEY)
    assert suppressed.has_payload("shop", NOON, json.dumps({"user_id": "jürgen"}))
    assert suppressed.has_payload("shop", NOON, json.dumps({"user_id": "jürgen"})[:-1])
