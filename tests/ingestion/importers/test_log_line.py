"""Lines of access logs: whose they are, and which are refused instead of being read wrongly."""

import pytest

from ingestion.importers.log_line import has_format, origin_of, read_hit
from tests.support.ingestion.imports import hit


def who(text):
    found = read_hit(hit().replace("192.0.2.7 - -", text, 1))
    return found and (found.virtual_host, found.address)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.9 - -", "203.0.113.9"),
        ("203.0.113.9:51234 - -", "203.0.113.9"),
        ("[2001:db8::1]:51234 - -", "2001:db8::1"),
        ("[2001:db8::1] - -", "2001:db8::1"),
        ("2001:DB8:0::1 - -", "2001:db8::1"),
        ("::ffff:203.0.113.9 - -", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443 - -", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.1 - -", "203.0.113.9"),
        ("203.0.113.9,10.0.0.1,10.0.0.2 - -", "203.0.113.9"),
        ('"203.0.113.9, 10.0.0.1" - -', "203.0.113.9"),
        ("203.0.113.9:51234, 10.0.0.1:80 - -", "203.0.113.9"),
        ("unknown, 203.0.113.9 - -", "203.0.113.9"),
        ("-, 203.0.113.9 - -", "203.0.113.9"),
        ("dsl.example.net - -", "dsl.example.net"),
        ("- - -", None),
        ("203.0.113.9 - john", "203.0.113.9"),
        ("203.0.113.9 - john smith", "203.0.113.9"),
        ("203.0.113.9 - doe, john", "203.0.113.9"),
        ("203.0.113.9 ident john", "203.0.113.9"),
        ("203.0.113.9 ident john smith", "203.0.113.9"),
        ('203.0.113.9 - ""', "203.0.113.9"),
    ],
)
def test_the_first_address_of_the_field_is_the_clients(written, address):
    assert who(written) == (None, address)


@pytest.mark.parametrize(
    ("written", "origin", "address"),
    [
        ("shop.example:443 203.0.113.9 - -", "https://shop.example", "203.0.113.9"),
        ("Shop.example:80 203.0.113.9 - john", "http://shop.example", "203.0.113.9"),
        ("shop.example:8080 203.0.113.9 - -", "http://shop.example:8080", "203.0.113.9"),
        ("shop.example 203.0.113.9 - -", "https://shop.example", "203.0.113.9"),
        ("shop.example:443 2001:db8::1 - -", "https://shop.example", "2001:db8::1"),
        ("shop.example:443 203.0.113.9:51234 - -", "https://shop.example", "203.0.113.9"),
        ("shop.example:443 203.0.113.9, 10.0.0.1 - -", "https://shop.example", "203.0.113.9"),
        ("shop.example:443 dsl.example.net - -", "https://shop.example", "dsl.example.net"),
        ("shop.example:443 203.0.113.9 - john smith", "https://shop.example", "203.0.113.9"),
        ("localhost:80 203.0.113.9 - -", "http://localhost", "203.0.113.9"),
        ("192.0.2.1:80 203.0.113.9 - -", "http://192.0.2.1", "203.0.113.9"),
        ("[2001:db8::5]:443 203.0.113.9 - -", "https://[2001:db8::5]", "203.0.113.9"),
        ("- 203.0.113.9 - -", None, "203.0.113.9"),
        ("_ 203.0.113.9 - -", None, "203.0.113.9"),
    ],
)
def test_a_virtual_host_in_front_is_the_host_and_no_address(written, origin, address):
    assert who(written) == (origin, address)


@pytest.mark.parametrize(
    "written",
    [
        "192.0.2.1 203.0.113.9 - -",  # Two addresses: either may be the client's.
        "203.0.113.9:51234 192.0.2.1 - -",
        "shop.example 203.0.113.9 john",
        "shop.example:443 - -",
        "Nov 20 10:00:00 web nginx: 203.0.113.9 - -",
        "web-1  | 203.0.113.9 - -",
        "dsl.example.net ident john smith",
        "203.0.113.9 -",
        "203.0.113.9",
    ],
)
def test_where_it_is_not_clear_who_the_client_is_the_line_is_not_read(written):
    assert who(written) is None
    assert not has_format(hit().replace("192.0.2.7 - -", written, 1))


def test_a_request_that_no_browser_sends_is_no_hit_but_of_the_format():
    line = r'192.0.2.7 - - [17/May/2026:12:05:03 +0200] "\x16\x03" 400 0 "-" "-"'
    assert has_format(line)
    assert read_hit(line) is None


@pytest.mark.parametrize("text", ["", "-", "a b", "a/b", "a:b", "https://a", "a@b"])
def test_what_is_no_host_has_no_origin(text):
    assert origin_of(text) is None
