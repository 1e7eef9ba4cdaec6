"""What becomes of one event: every rule of the table in the design, and the bad input that must not pass."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.event import ids
from ingestion.event.batch import BatchError, read_batch
from ingestion.event.standard_events import CATEGORIES, EVENT_CATEGORIES
from ingestion.event.validate import Landed, encode_line, validate
from tests.support.ingestion.landed import GOOD, NOW, accepted, land, read, reception, refused, with_properties

# Shape ----------------------------------------------------------------------------------------------------


def test_a_full_event_is_landed_as_it_was_sent_and_stamped():
    sent = {
        **GOOD,
        "event_category": "commerce",
        "user_id": "u1",
        "session_id": "s1",
        "page_url": "https://shop.example/a?b=c",
        "page_title": "A ‮title‬ with 👩‍👩‍👧 and ​nothing",
        "referrer": "https://google.com/",
        "page_type": "category",
        "page_identifier": "shoes",
        "screen_width": 1,
        "screen_height": 32767,
        "properties": {"amount": 12.5, "tags": ["a"], "deep": {"x": None}},
    }
    event = accepted(read(json.dumps(sent).encode(), ip="192.0.2.1", user_agent="curl/8"))
    line = msgspec.json.decode(encode_line(event))
    stamped = {
        "kind": "event",
        "site_id": "shop",
        "received_at": "2026-11-20T12:00:00Z",
        "occurred_at": "2026-11-20T11:59:00Z",
        "collector_id": "test-0",
        "ip": "192.0.2.1",
        "user_agent": "curl/8",
    }
    assert line == sent | stamped


def test_a_line_is_one_line_and_reads_back_as_the_same_event():
    raw = json.dumps(GOOD | {"properties": {"a": "x\ny", "b": [1, 2]}}, indent=2).replace("\n", "\r\n").encode()
    event = accepted(read(raw))
    line = encode_line(event)
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    again = msgspec.json.decode(line, type=Landed)
    assert encode_line(again) == line
    assert msgspec.json.decode(again.properties) == {"a": "x\ny", "b": [1, 2]}


@pytest.mark.parametrize("raw", [b"1", b"null", b'"text"', b"[]", b"true"])
def test_what_is_no_object_is_refused(raw):
    assert refused(read(raw)) == ("not_an_object", None)


@pytest.mark.parametrize("raw", [b"", b"{", json.dumps(GOOD).encode() + b"x", b"\xff", b'{"event_name":"\xff"}'])
def test_what_is_no_json_is_refused_though_a_collector_would_never_pass_it_on(raw):
    assert refused(read(raw)) == ("invalid_json", None)


@pytest.mark.parametrize("field", ["event_name", "client_timestamp"])
def test_a_required_field_that_is_missing_is_named(field):
    raw = json.dumps({name: value for name, value in GOOD.items() if name != field}).encode()
    assert refused(read(raw)) == ("missing_field", field)


def test_unknown_fields_are_ignored():
    assert accepted(land(colour="red", nested={"a": [1]})) == accepted(land())


def test_a_reject_keeps_the_start_of_the_payload():
    landed = land(anonymous_id="x" * 100_000)
    assert refused(landed) == ("invalid_id", "anonymous_id")
    assert landed.payload.startswith('{"event_id": "e1"')
    assert len(landed.payload) == 16 * 1024
    assert (landed.site_id, landed.received_at, landed.collector_id) == ("shop", NOW, "test-0")


def test_an_event_of_more_than_64_kib_is_too_large():
    assert refused(land(padding="x" * 64 * 1024)) == ("too_large", None)


# Names and categories -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "Page_viewed", "page viewed", "1st", "page_viewed\n", "x" * 65, "é", 5, None])
def test_a_name_that_is_not_snake_case_is_refused(name):
    assert refused(land(event_name=name)) == ("invalid_field", "event_name")


@pytest.mark.parametrize(("name", "category"), EVENT_CATEGORIES.items())
def test_a_standard_event_has_its_own_category(name, category):
    assert category in CATEGORIES
    assert accepted(land(event_name=name)).event_category == category


def test_a_custom_event_is_engagement_unless_it_says_otherwise():
    assert accepted(land(event_name="coupon_peeled")).event_category == "engagement"
    assert accepted(land(event_name="coupon_peeled", event_category="system")).event_category == "system"


def test_an_unknown_category_is_refused():
    assert refused(land(event_category="fun")) == ("invalid_field", "event_category")


# Ids ------------------------------------------------------------------------------------------------------

ID_FIELDS = ["event_id", "anonymous_id", "user_id", "session_id"]
NO_IDS = [*sorted(ids.NO_ID - {""}), "", " ", "\t" * 50, "NULL", " null ", "NaN", "[object Object]", "[object Null]"]


@pytest.mark.parametrize("field", ["user_id", "session_id"])
@pytest.mark.parametrize("value", NO_IDS)
def test_a_user_or_session_that_is_no_id_is_unknown_and_the_event_is_kept_and_flagged(field, value):
    event = accepted(land(**{field: value}))
    assert (getattr(event, field), event.anonymous_id, event.flags) == (None, "device-1", ["no_id"])


@pytest.mark.parametrize("value", NO_IDS)
def test_a_device_that_is_no_id_is_unknown_where_the_user_is_known_and_else_refused(value):
    event = accepted(land(anonymous_id=value, user_id="u1"))
    assert (event.anonymous_id, event.user_id, event.flags) == (None, "u1", ["no_id"])
    assert refused(land(anonymous_id=value)) == ("invalid_id", "anonymous_id")
    assert refused(land(anonymous_id=value, user_id="undefined")) == ("invalid_id", "anonymous_id")
    assert refused(land(anonymous_id=None, user_id=value)) == ("invalid_id", "user_id")


@pytest.mark.parametrize("value", NO_IDS)
def test_an_event_id_that_is_none_is_derived_from_the_content_and_flagged(value):
    event = accepted(land(event_id=value))
    assert (len(event.event_id), event.flags) == (36, ["no_id"])
    assert event.event_id == accepted(land({"ip": "192.0.2.1"}, event_id=value)).event_id
    assert event.event_id != accepted(land(event_id=value, page_url="/other")).event_id


@pytest.mark.parametrize("value", [*sorted(ids.NO_USER - ids.NO_ID), "Guest", " ANONYMOUS ", "AnonymousUser", 0, -1])
def test_words_for_no_user_name_no_user_from_the_first_event_on(value):
    event = accepted(land(user_id=value))
    assert (event.user_id, event.anonymous_id, event.flags) == (None, "device-1", ["no_id"])


@pytest.mark.parametrize("value", ["00", "1", 1, "guest1", "anonymous@home", "nulls", "user", "[object"])
def test_what_only_looks_like_no_user_is_one(value):
    event = accepted(land(user_id=value))
    assert (event.user_id, event.flags) == (str(value), [])


def test_words_for_no_user_are_the_ids_of_devices():
    assert accepted(land(anonymous_id="guest")).anonymous_id == "guest"


@pytest.mark.parametrize("field", ID_FIELDS)
@pytest.mark.parametrize("value", [4711, -4711, 2**63 - 1, -(2**63)])
def test_a_whole_number_as_an_id_becomes_its_text(field, value):
    event = accepted(land(**{field: value}))
    assert (getattr(event, field), event.flags) == (str(value), [])
    assert event == accepted(land(**{field: str(value)}))


@pytest.mark.parametrize("field", ID_FIELDS)
@pytest.mark.parametrize("value", [1.5, True, False, [], ["a"], {}, 2**63, 10**40, "x" * 129, "x" * 100000])
def test_what_cannot_be_an_id_is_refused(field, value):
    assert refused(land(**{field: value})) == ("invalid_id", field)


def test_all_words_that_are_no_id_or_no_user_are_documented():
    page = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
    listed = page.partition("**No id.**")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]*)`", listed)) >= ids.NO_USER - {""}


def test_an_event_id_has_at_most_64_characters():
    assert accepted(land(event_id="é" * 64)).event_id == "é" * 64
    assert refused(land(event_id="x" * 65)) == ("invalid_id", "event_id")


@pytest.mark.parametrize("field", ID_FIELDS)
@pytest.mark.parametrize("form", ["{}", "{{{}}}"])
def test_a_uuid_has_one_spelling(field, form):
    uuid = "8F14E45F-CEEA-467F-A9D1-3B1C2D4E5F60"
    assert getattr(accepted(land(**{field: form.format(uuid)})), field) == uuid.lower()
    assert getattr(accepted(land(**{field: form.format(uuid.lower())})), field) == uuid.lower()


def test_an_id_that_is_no_uuid_keeps_its_spelling():
    assert accepted(land(anonymous_id="{Device} É")).anonymous_id == "{Device} É"


def test_an_event_without_a_person_is_refused():
    assert refused(land(anonymous_id=None)) == ("missing_identity", "anonymous_id")
    assert accepted(land(anonymous_id=None, user_id="u1")).user_id == "u1"


def test_a_missing_event_id_is_derived_from_the_content_alone():
    def derived(site_id: str = "shop", later: int = 0, **fields: Any) -> str:
        circumstances = {"site_id": site_id, "received_at": NOW + timedelta(seconds=later), "ip": str(later)}
        return accepted(land(circumstances, event_id=None, **fields)).event_id

    first = derived(properties={"a": 1, "b": 2})
    assert first == derived(later=3600, properties={"b": 2, "a": 1})
    others = [derived(), derived(properties={"a": 1}), derived("blog"), derived(user_id="u"), derived(page_url="x")]
    assert len({first, *others}) == 6
    assert len(first) == 36


@pytest.mark.parametrize("field", ID_FIELDS)
def test_an_id_given_twice_is_refused(field):
    raw = json.dumps(GOOD | {field: "one"}).encode()
    twice = raw[:-1] + b', "%b": "two"}' % field.encode()
    assert refused(read(twice)) == ("duplicate_key", field)
    escaped = raw[:-1] + b', "\\u00%x%b": "two"}' % (ord(field[0]), field[1:].encode())
    assert refused(read(escaped)) == ("duplicate_key", field)


def test_an_id_may_be_named_again_inside_properties():
    event = accepted(land(user_id="u", properties={"user_id": "x", "event_id": "y", "list": [{"user_id": 1}]}))
    assert event.user_id == "u"


def test_ids_of_events_without_later_fields_are_derived_as_ever():
    """Fixed here, because files of years ago are loaded again."""
    whole = {
        "event_category": "commerce",
        "user_id": "u1",
        "session_id": 7,
        "page_url": "https://shop.example/a?b=c",
        "page_title": "A",
        "referrer": "https://google.com/",
        "page_type": "category",
        "page_identifier": "shoes",
        "screen_width": 1,
        "screen_height": 2,
        "sequence": 3,
        "properties": {"b": 1, "a": 2},
    }
    assert accepted(land(event_id=None, **whole)).event_id == "de9c43a7-2b53-5062-8074-e7a51a17fc43"
    assert accepted(land(event_id="null", **whole)).event_id == "2b0bb4a7-fddc-51a7-b4cb-c52fa33117c9"


@pytest.mark.parametrize(
    "later", [{"page_view_id": "v"}, {"page_host": "shop.example"}, {"language": "de"}, {"sequence": 0}]
)
def test_a_later_field_is_a_part_of_the_content_where_it_is_given(later):
    (name,) = later
    bare = accepted(land(event_id=None))
    assert accepted(land(event_id=None, **{name: None})).event_id == bare.event_id
    assert accepted(land(event_id=None, **later)).event_id != bare.event_id


def test_an_id_that_was_derived_before_there_were_contexts_is_the_same():
    assert accepted(land(event_id=None, properties={"b": 1, "a": 2})).event_id == "e370fee9-ef2e-5966-94fe-0eb791b0201b"
    assert accepted(land(event_id=None)).event_id == accepted(land(event_id=None, context="browser")).event_id
    assert accepted(land(event_id=None)).event_id != accepted(land(event_id=None, context="app")).event_id


# The page view ------------------------------------------------------------------------------------------


def test_an_event_keeps_the_id_of_its_page_view_and_whether_the_client_counted():
    event = accepted(land(page_view_id="{0A9B8C7D-0000-4000-8000-000000000001}", sequence=0))
    assert (event.page_view_id, event.sequence, event.is_counted) == ("0a9b8c7d-0000-4000-8000-000000000001", 0, True)
    event = accepted(land(page_view_id=12))
    assert (event.page_view_id, event.is_counted) == ("12", False)
    event = accepted(land(page_view_id="undefined"))
    assert (event.page_view_id, event.flags) == (None, ["no_id"])
    assert refused(land(page_view_id="v" * 65)) == ("invalid_id", "page_view_id")
    assert refused(land(page_view_id=["v"])) == ("invalid_id", "page_view_id")


@pytest.mark.parametrize(
    ("address", "host", "kept"),
    [
        ("/screen", "App.Example", "app.example"),
        (None, "münchen.example:8080", "xn--mnchen-3ya.example:8080"),
        ("https://shop.example/a", "app.example", None),
        ("/screen", "app.example/a?b", None),
        ("/screen", "ann@app.example", None),
        ("/screen", " ", None),
    ],
)
def test_a_host_beside_an_address_is_kept_where_the_address_names_none(address, host, kept):
    assert accepted(land(page_url=address, page_host=host)).page_host == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("de", "de"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("de_CH.UTF-8", "de-CH"),
        ("sr_RS@latin", "sr-RS"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr-CH"),
    ],
)
def test_a_language_is_the_first_tag_of_what_clients_send(given, kept):
    event = accepted(land(language=given))
    assert (event.language, event.flags) == (kept, [])


@pytest.mark.parametrize("given", ["*", "C'", "ein-sehrlanges", "a" * 9, "de-" + "abcdefgh-" * 4 + "x", "<script>"])
def test_what_is_no_language_is_left_out_and_flagged(given):
    event = accepted(land(language=given))
    assert (event.language, event.flags) == (None, ["implausible"])


# Contexts -------------------------------------------------------------------------------------------------

SERVER: dict[str, Any] = {
    "stored_address": {"192.0.2.7": "192.0.2.0"}.get,
    "ip": "198.51.100.1",
    "user_agent": "curl/8",
}
"""A request with a server's key."""


def test_an_event_comes_from_a_browser_unless_it_says_otherwise():
    assert [accepted(land(context=said)).context for said in (None, "browser", "app")] == ["browser", "browser", "app"]
    assert refused(land(context="shop")) == ("invalid_field", "context")


@pytest.mark.parametrize(
    ("field", "value"), [("context", "server"), ("client_ip", "192.0.2.7"), ("client_user_agent", "Firefox")]
)
def test_only_a_servers_key_may_speak_for_a_person(field, value):
    assert refused(land(**{field: value})) == ("server_key_required", field)
    assert accepted(land(SERVER, **{field: value}))


def test_what_a_server_says_of_a_person_takes_the_place_of_what_it_shows_itself():
    said = {"context": "server", "client_ip": "192.0.2.7", "client_user_agent": "x" * 600}
    event = accepted(land(SERVER, **said))
    assert (event.context, event.ip, event.user_agent) == ("server", "192.0.2.0", "x" * 512)


def test_what_a_server_does_not_say_of_a_person_is_unknown():
    for said in ({}, {"client_ip": "unknown", "client_user_agent": ""}):
        event = accepted(land(SERVER, context="server", **said))
        assert (event.ip, event.user_agent) == (None, None)


def test_a_servers_key_that_speaks_for_nobody_is_a_clients():
    event = accepted(land(SERVER))
    assert (event.context, event.ip, event.user_agent) == ("browser", "198.51.100.1", "curl/8")


@pytest.mark.parametrize("address", ["192.0.2.7", "192.0.2.7, 10.0.0.1", "2001:db8::7"])
def test_a_reject_keeps_no_address_that_a_server_names(address):
    for circumstances in ({}, SERVER):
        payload = land(circumstances, client_ip=address, event_name="No name").payload
        assert address not in payload
        assert '"client_ip": "[ip]"' in payload


def test_a_server_names_no_address_of_a_person_who_objects():
    event = accepted(land(SERVER | {"is_private": True, "ip": None}, context="server", client_ip="192.0.2.7"))
    assert (event.ip, event.flags) == (None, ["private"])


# Time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "",
        "tomorrow",
        "infinity",
        "2026-02-30T00:00:00Z",
        "2026-11-20",
        "2026-11-20T11:00:00",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "2026-11-20T25:00:00Z",
        "2026-11-20T11:59:60Z",
        1763640000,
        None,
        True,
    ],
)
def test_what_is_no_time_is_refused(value):
    assert refused(land(client_timestamp=value)) == ("invalid_timestamp", "client_timestamp")


def test_a_time_in_another_zone_is_the_same_instant():
    event = accepted(land(client_timestamp="2026-11-20T13:29:00.123456+01:30"))
    assert event.client_timestamp == event.occurred_at == datetime(2026, 11, 20, 11, 59, 0, 123456, tzinfo=UTC)
    assert event.flags == []


@pytest.mark.parametrize("year", [2027, 2099, 8999])
def test_a_time_in_the_future_is_clamped_to_the_arrival_and_flagged(year):
    event = accepted(land(client_timestamp=f"{year}-01-01T00:00:00Z"))
    assert (event.occurred_at, event.flags) == (NOW, ["clock_clamped"])
    assert event.client_timestamp.year == year


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_three_hours_wrong_is_corrected_by_when_it_said_it_sent(hours):
    wrong = timedelta(hours=hours)
    stamp = (NOW - timedelta(minutes=5) + wrong).isoformat()
    event = accepted(land({"sent_at": NOW + wrong}, client_timestamp=stamp))
    assert (event.occurred_at, event.flags) == (NOW - timedelta(minutes=5), ["clock_corrected"])


@pytest.mark.parametrize("seconds", [20, 59.999, 60, 60.001, 3600, -60.001])
def test_up_to_a_minute_is_a_slow_request_and_more_is_a_wrong_clock(seconds):
    """Nothing is corrected, or all of the difference."""
    away = timedelta(seconds=seconds)
    event = accepted(land({"sent_at": NOW - away}, client_timestamp=(NOW - timedelta(hours=2)).isoformat()))
    moved = away if abs(seconds) > 60 else timedelta()
    assert event.occurred_at == NOW - timedelta(hours=2) + moved
    assert event.flags == (["clock_corrected"] if moved else [])


def test_a_slow_request_does_not_overtake_the_next():
    """A batch that took 20 seconds, and the next one, which took none."""
    first = accepted(land({"sent_at": NOW - timedelta(seconds=20)}, client_timestamp="2026-11-20T11:59:30Z"))
    second = accepted(land({"sent_at": NOW}, client_timestamp="2026-11-20T11:59:40Z"))
    assert first.occurred_at < second.occurred_at


def test_a_clock_more_than_ten_years_wrong_corrects_nothing():
    for sent_at in (NOW - timedelta(days=4000), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        assert accepted(land({"sent_at": sent_at})).flags == []


def test_a_corrected_time_is_never_later_than_the_arrival():
    event = accepted(land({"sent_at": NOW - timedelta(hours=1)}, client_timestamp="2026-11-20T11:30:00Z"))
    assert (event.occurred_at, event.flags) == (NOW, ["clock_corrected", "clock_clamped"])


def test_an_event_older_than_what_is_kept_is_refused():
    oldest = NOW - timedelta(days=90)
    assert accepted(land({"oldest": oldest}, client_timestamp=oldest.isoformat())).occurred_at == oldest
    before = (oldest - timedelta(microseconds=1)).isoformat()
    assert refused(land({"oldest": oldest}, client_timestamp=before)) == ("too_old", "client_timestamp")
    assert accepted(land(client_timestamp=before))


# Text and numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "limit"), [("page_url", 2048), ("page_title", 512), ("referrer", 2048)])
def test_a_long_description_is_cut_and_flagged(field, limit):
    assert accepted(land(**{field: "é" * limit})).flags == []
    event = accepted(land(**{field: "é" * (limit + 1)}))
    assert (getattr(event, field), event.flags) == ("é" * limit, ["truncated"])


@pytest.mark.parametrize(("field", "limit"), [("page_type", 64), ("page_identifier", 256)])
def test_a_long_name_is_refused_because_cut_it_would_be_anothers(field, limit):
    assert accepted(land(**{field: "x" * limit}))
    assert refused(land(**{field: "x" * (limit + 1)})) == ("invalid_field", field)


@pytest.mark.parametrize("field", ["page_url", "page_title", "referrer", "page_type", "page_identifier"])
def test_an_empty_text_is_an_unknown_one(field):
    assert getattr(accepted(land(**{field: ""})), field) is None
    assert refused(land(**{field: 5})) == ("invalid_field", field)


@pytest.mark.parametrize("value", [0, -1, 32768, 1440.5, "1440", True])
def test_a_screen_has_between_1_and_32767_pixels(value):
    assert refused(land(screen_width=value)) == ("invalid_field", "screen_width")


@pytest.mark.parametrize(
    "text", ["'; drop table raw.events; --", "{{ 7*7 }}", "${jndi:ldap://x}", "../../etc", "%s%n", "=1+1"]
)
def test_text_that_is_code_elsewhere_is_only_text(text):
    assert accepted(land(page_title=text)).page_title == text


def test_a_nul_character_is_removed_wherever_it_is_and_flagged():
    raw = rb"""{"event_name":"page_viewed","client_timestamp":"2026-11-20T11:59:00Z","event_id":"e\u0000\u00001",
        "anonymous_id":"a","page_title":"\\u0000","properties":{"k\u0000":"\\\u0000\\u0000v"}}"""
    event = accepted(read(raw))
    assert (event.event_id, event.page_title, event.flags) == ("e1", r"\u0000", ["sanitised"])
    assert msgspec.json.decode(event.properties) == {"k": "\\\\u0000v"}


def test_what_only_looks_like_a_nul_is_left_alone_and_not_flagged():
    event = accepted(land(page_title=r"\u0000"))
    assert (event.page_title, event.flags) == (r"\u0000", [])


def test_an_id_of_nothing_but_nul_is_no_id():
    assert accepted(land(user_id="\0")).flags == ["sanitised", "no_id"]


def test_removing_a_nul_from_a_key_cannot_smuggle_in_a_second_id():
    raw = json.dumps(GOOD).encode()[:-1] + rb',"anonymous_id\u0000":"other"}'
    assert refused(read(raw)) == ("duplicate_key", "anonymous_id")


# Properties -----------------------------------------------------------------------------------------------


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "true"])
def test_properties_are_an_object(text):
    assert refused(with_properties(text)) == ("invalid_field", "properties")


def test_properties_of_null_are_none():
    assert bytes(accepted(with_properties("null")).properties) == b"{}"


def test_properties_may_be_eight_levels_deep():
    assert accepted(with_properties(nested(8, '{"a":', "}")))
    assert accepted(with_properties('{"a":' + nested(7, "[", "]") + "}"))
    assert accepted(with_properties('{"a":"[[[[[[[[[[[[[[{{{{{{{{{{"}'))
    assert accepted(with_properties('{"a":[' + ",".join(["{}"] * 50) + "]}"))
    for too_deep in (nested(9, '{"a":', "}"), '{"a":' + nested(8, "[", "]") + "}", nested(100, '{"a":', "}")):
        assert refused(with_properties(too_deep)) == ("too_deep", "properties")


def test_properties_may_have_a_hundred_keys_on_all_levels_together():
    half = {f"k{i}": 1 for i in range(49)}
    assert accepted(land(properties={"a": half, "b": half}))
    assert accepted(land(properties={"a": ":" * 200}))
    assert refused(land(properties={"a": half, "b": half, "c": 1})) == ("too_many_keys", "properties")
    repeated = "{" + ",".join(['"a":1'] * 101) + "}"
    assert refused(with_properties(repeated)) == ("too_many_keys", "properties")


def test_properties_may_have_8_kib():
    assert accepted(with_properties('{"a":"' + "x" * (8192 - 8) + '"}'))
    assert refused(with_properties('{"a":"' + "x" * (8192 - 7) + '"}')) == ("too_large", "properties")


@pytest.mark.parametrize(
    "number", ["9223372036854775807", "-9223372036854775808", "1.7976931348623157e308", "5e-324", "0e999", "-0.0"]
)
def test_numbers_that_a_database_can_hold_are_kept_digit_by_digit(number):
    event = accepted(with_properties(f'{{"a":[{number}]}}'))
    assert number.encode() in bytes(event.properties)


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775809", "1e309", "-1E+400", "1e-400", "1e-99999999999"]
)
def test_numbers_beyond_int64_or_float64_are_refused(number):
    assert refused(with_properties(f'{{"a":[{number}]}}')) == ("number_out_of_range", "properties")
    assert refused(with_properties('{"a":' + "9" * 5000 + "}")) == ("number_out_of_range", "properties")


def test_a_hash_that_looks_like_a_great_number_is_text():
    assert accepted(with_properties('{"a":"1e999","b":"99999999999999999999999"}'))


# Batches --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"events":{}}',
        b'{"events":null}',
        b'{"events":[1,]}',
        b'{"events":[]}x',
        b'{"events":[{"a":NaN}]}',
        b'{"events":[{"a":-Infinity}]}',
        b'{"events":[{"a":"\xff"}]}',
        '{"events":[]}'.encode("utf-16"),
        b'{"events":' + b"[" * 100000,
        b"[" * 100000,
        b'{"events":[{"a":"\x00"}]}',
        b'{"events":[],"sent_at":"tomorrow"}',
        b'{"events":[],"sent_at":"2026-11-20T00:00:00"}',
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(body):
    with pytest.raises(BatchError):
        read_batch(body)


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00", r"\ud83dx", r"\ud83d\u0041", r"\ud83d\n", r"\ud83d\ud83d"])
def test_half_a_surrogate_pair_is_replaced_and_costs_its_neighbours_nothing(escape):
    doubtful = json.dumps(GOOD)[:-1] + f', "page_title": "{escape}", "properties": {{"a": "{escape}"}}}}'
    fine = json.dumps(GOOD | {"page_title": "😀"})
    batch = read_batch(f'{{"events": [{fine}, {doubtful}]}}'.encode())
    first, second = (accepted(validate(event, reception())) for event in batch.events)
    assert (first.page_title, first.flags) == ("😀", [])
    assert second.page_title.startswith("\ufffd")
    assert second.flags == ["sanitised"]
    encode_line(second).decode()


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "properties", "page_url", "user_id"], json_values)))
def test_whatever_comes_lands_as_one_line_that_reads_back(fields):
    landed = land(**fields)
    line = encode_line(landed)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert rb"\u0000" not in line.replace(rb"\\", b"")
    assert type(msgspec.json.decode(line, type=Landed)) is type(landed)
