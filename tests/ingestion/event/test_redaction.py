"""What is redacted in addresses, properties and rejects before they land, and what is kept."""

import json
import time

import pytest

from ingestion.event.redaction import PARAMETERS, redact_properties, redact_text, redact_url
from ingestion.event.validate import LandedReject, encode_line
from tests.support.ingestion.landed import accepted, land

CARD = "4111111111111111"
CREDENTIALS = "ann:pa55"


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_value_of_a_listed_parameter_is_scrubbed_wherever_it_stands(name):
    for before, after in (("?", ""), ("?a=1&", "&b=2"), ("#", "&b=2"), ("/x;", "?b=2")):
        url = f"https://shop.example/x{before}{name.upper()}=s3cret%20{after}"
        assert redact_url(url) == f"https://shop.example/x{before}{name.upper()}=[scrubbed]{after}"


def test_a_listed_parameter_is_found_in_an_address_inside_an_address():
    url = "/sign-in?back=https%3A%2F%2Fshop.example%2F%3Ftoken%3Dabc%26b%3D1"
    assert redact_url(url) == "/sign-in?back=https%3A%2F%2Fshop.example%2F%3Ftoken%3D[scrubbed]%26b%3D1"


@pytest.mark.parametrize(
    ("url", "scrubbed"),
    [
        (f"https://{CREDENTIALS}@shop.example/x", "https://shop.example/x"),
        ("https://shop.example/leave/ann@example.org/", "https://shop.example/leave/[email]/"),
        ("https://shop.example/?q=ann.b%2Bc%40example.co.uk&p=2", "https://shop.example/?q=[email]&p=2"),
        ("mailto:ann@example.org", "mailto:[email]"),
    ],
)
def test_addresses_of_people_and_their_credentials_are_scrubbed_wherever_they_stand(url, scrubbed):
    assert redact_url(url) == scrubbed


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/c/lamps?utm_source=news&utm_medium=email&utm_campaign=x&gclid=Cj0KCQ&tokens=5&passage=1",
        "https://medium.example/@ann/why?x=@ann",
        "https://cdn.example/npm/@scope/tool@1.2.3/x.js",
        "https://maps.example/@52.5,13.4,15z",
        "https://shop.example/?token=&password",
        "::not an address %%% [",
    ],
)
def test_an_ordinary_address_is_left_as_it_is(url):
    assert redact_url(url) == url
    assert accepted(land(page_url=url)).flags == []


def test_a_scrubbed_event_is_flagged_once():
    event = accepted(
        land(page_url="/a?token=1", referrer="https://x.example/?pw=2", properties={"note": "ann@example.org"})
    )
    assert (event.page_url, event.referrer) == ("/a?token=[scrubbed]", "https://x.example/?pw=[scrubbed]")
    assert event.flags == ["scrubbed"]


@pytest.mark.parametrize(
    ("given", "masked"),
    [
        ({"note": "write to ann@example.org, please."}, {"note": "write to [email], please."}),
        ({"note": "line\nann@example.org\t"}, {"note": "line\n[email]\t"}),
        ({"ann@example.org": {"list": [1, "x@y.de"]}}, {"[email]": {"list": [1, "[email]"]}}),
        ({"card": CARD}, {"card": "[card]"}),
        ({"card": int(CARD)}, {"card": "[card]"}),
        ({"note": "paid with 4111 1111 1111 1111."}, {"note": "paid with [card]."}),
        ({"note": "3782-822463-10005"}, {"note": "[card]"}),
        ({"note": "5555555555554444 and 6011111111111117"}, {"note": "[card] and [card]"}),
    ],
)
def test_mail_addresses_and_card_numbers_in_properties_are_masked(given, masked):
    event = accepted(land(event_name="review_posted", properties=given))
    assert json.loads(bytes(event.properties)) == masked
    assert event.flags == ["scrubbed"]


@pytest.mark.parametrize(
    "text",
    [
        '{"wrong check digit":4111111111111112}',
        '{"a moment in ms":1763640000000,"in us":1763640000000000}',
        '{"id":"8f14e45f-ceea-467f-a9d1-3b1c2d4e5f60","digits":"44444444-4444-4444-8444-444444444444"}',
        '{"longer":"41111111111111111","shorter":"411111111111111","inside":"x4111111111111111"}',
        '{"fraction":0.4111111111111111,"price":4111111111111111.5,"power":4111111111111111e2,"less":-4111111111111111}',
        '{"a": 1.50 , "handle":"@ann","version":"tool@1.2.3"}',
    ],
)
def test_other_numbers_and_texts_are_kept_byte_by_byte(text):
    assert redact_properties(text.encode()) == text.encode()


def test_contacts_stay_where_people_leave_them_and_nowhere_else():
    given = {"email": "ann@example.org", "phone": "4111 1111 1111 1111", "error_message": "no mail to ann@example.org"}
    for name in ("payment_failed", "user_identified"):
        event = accepted(land(event_name=name, properties=given))
        assert json.loads(bytes(event.properties)) == given | {"error_message": "no mail to [email]"}
    chat = accepted(land(event_name="pre_chat_form_submitted", properties=given))
    assert json.loads(bytes(chat.properties)) == {
        "email": "[email]",
        "phone": "[card]",
        "error_message": "no mail to [email]",
    }


def test_the_payload_of_a_reject_is_scrubbed():
    landed = land(event_name="No", page_url="/x?token=abc&b=1", properties={"mail": "ann@example.org", "card": CARD})
    assert isinstance(landed, LandedReject)
    for secret in ("abc", "ann@", CARD):
        assert secret not in encode_line(landed).decode()
    assert "/x?token=[scrubbed]&b=1" in landed.payload


def test_what_is_scrubbed_does_not_decide_the_derived_id():
    first, again = (accepted(land(event_id=None, page_url="/x?token=abc")) for _ in range(2))
    other = accepted(land(event_id=None, page_url="/x?token=abd"))
    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize(
    "part",
    ["a", "a@", "@a.", "a%40", "b.", "?token=", "%3f", "://", "1 ", "4", "4111111111111111 ", '"', "\\", "é", "a@b.c "],
)
def test_no_text_takes_more_than_time_in_proportion_to_its_length(part):
    for text in (part * (64_000 // len(part)), "x@" + part * (64_000 // len(part)) + "@"):
        started = time.monotonic()
        redact_text(text)
        redact_properties(json.dumps({"a": text}).encode())
        assert time.monotonic() - started < 2, "the square of the length would take minutes"
