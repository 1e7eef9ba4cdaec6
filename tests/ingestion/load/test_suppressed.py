"""A line belongs to the user it names, or else to the owner of its device at that time; on that site alone."""

import json
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
    "another user of the device": ('{"anonymous_id": "phone", "user_id": "bea"}', False),
    "only mentioned": ('{"user_id": "bea", "page_title": "ann"}', False),
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


def test_a_torn_line_of_another_site_is_not_the_persons():
    torn = line(user_id="ann", site="blog")[:-30]
    assert not Suppressed([ANN], KEY).has_line(torn)
    assert Suppressed([ANN], KEY).has_line(line(user_id="ann")[:-30])


def test_an_id_in_another_alphabet_is_found_however_json_writes_it():
    suppressed = Suppressed([kept_out("user", "jürgen")], KEY)
    assert suppressed.has_payload("shop", NOON, json.dumps({"user_id": "jürgen"}))
    assert suppressed.has_payload("shop", NOON, json.dumps({"user_id": "jürgen"})[:-1])
