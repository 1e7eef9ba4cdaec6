"""Of a visitor who asks not to be tracked a page view is kept, and no trace of the person."""

import pytest

from ingestion.event.validate import encode_line
from tests.support.ingestion.landed import accepted, land, refused

PRIVATE = {"is_private": True}
MARK = "zq7"
PERSON = {
    "anonymous_id": f"device-{MARK}",
    "user_id": f"user-{MARK}",
    "session_id": f"session-{MARK}",
    "page_url": f"https://shop.example/lamps?gclid={MARK}&utm_source=news&id={MARK}#{MARK}",
    "referrer": f"https://search.example/?q={MARK}",
    "screen_width": 1441,
    "screen_height": 901,
    "properties": {"who": MARK},
}


def test_a_private_page_view_is_kept_without_a_trace_of_the_person():
    event = accepted(land(PRIVATE, **PERSON, page_title="Lamps", page_type="category"))
    line = encode_line(event).decode()
    for trace in (MARK, "1441", "901"):
        assert trace not in line
    assert (event.page_url, event.referrer) == ("https://shop.example/lamps?utm_source=news", "https://search.example/")
    assert (event.page_title, event.page_type, event.flags) == ("Lamps", "category", ["private"])


def test_each_private_page_view_is_anothers_and_the_same_when_sent_again():
    first, again = (accepted(land(PRIVATE, **PERSON)).anonymous_id for _ in range(2))
    others = {accepted(land(PRIVATE, event_id=f"e{n}", **PERSON)).anonymous_id for n in range(2, 5)}
    assert first == again
    assert len(others | {first}) == 4
    assert first.startswith("private:")


def test_a_private_page_view_without_an_id_has_one_derived_that_says_nothing_of_the_person():
    ann, bob = (accepted(land(PRIVATE, **PERSON | {"event_id": None, "user_id": who})) for who in ("ann", "bob"))
    assert ann.event_id == bob.event_id


def test_a_private_page_view_needs_no_identity():
    assert accepted(land(PRIVATE, anonymous_id=None)).flags == ["private"]


@pytest.mark.parametrize("name", ["page_engaged", "order_placed", "user_identified", "session_ended", "coupon_peeled"])
def test_any_other_private_event_is_refused_and_leaves_nothing_but_its_count(name):
    landed = land(PRIVATE, event_name=name, **PERSON)
    assert refused(landed) == ("private", None)
    assert landed.payload == ""


def test_a_private_event_that_breaks_a_rule_leaves_nothing_but_the_reason():
    landed = land(PRIVATE, screen_width=0)
    assert refused(landed) == ("invalid_field", "screen_width")
    assert landed.payload == ""
