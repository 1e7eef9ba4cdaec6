"""Whose address counts, behind proxies and in front of them, and what is kept of it."""

import pytest

from ingestion.collector.http.address import Proxies, rate_limit_key, stored_address
from runtime.settings import IpMode, Networks

PROXIES = Proxies(Networks("127.0.0.1, 10.0.0.0/8, fd00::/8"))


def client(peer: str, *headers: tuple[str, str], proxies: Proxies = PROXIES) -> str:
    return proxies.client(peer, [(name.encode(), value.encode("latin-1")) for name, value in headers])


def forwarded(value: str, peer: str = "127.0.0.1") -> str:
    return client(peer, ("x-forwarded-for", value))


@pytest.mark.parametrize("header", ["x-forwarded-for", "true-client-ip", "x-real-ip", "cf-connecting-ip"])
def test_a_stranger_cannot_say_whose_address_it_has(header):
    assert client("203.0.113.9", (header, "6.6.6.6"), ("forwarded", "for=6.6.6.6")) == "203.0.113.9"
    assert client("127.0.0.1", (header, "6.6.6.6"), proxies=Proxies(Networks())) == "127.0.0.1"


def test_headers_that_no_standard_proxy_writes_are_believed_from_no_one():
    assert client("127.0.0.1", ("true-client-ip", "6.6.6.6"), ("x-real-ip", "6.6.6.6")) == "127.0.0.1"


def test_the_right_most_address_that_is_no_proxys_counts():
    assert forwarded("6.6.6.6, 203.0.113.9") == "203.0.113.9"
    assert forwarded("6.6.6.6, 203.0.113.9, 10.1.2.3, 10.0.0.1") == "203.0.113.9"
    assert client("127.0.0.1", ("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")) == "203.0.113.9"


def test_between_proxies_alone_the_farthest_counts():
    assert forwarded("10.0.0.9, 10.0.0.1") == "10.0.0.9"


def test_forwarded_is_read_where_there_is_no_x_forwarded_for():
    header = ("forwarded", 'for=6.6.6.6, For="[2001:db8::7]:4711";proto=https;by=10.0.0.1, for=10.0.0.2')
    assert client("127.0.0.1", header) == "2001:db8::7"
    assert client("127.0.0.1", header, ("x-forwarded-for", "203.0.113.9")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.9:51234", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_spelling(written, address):
    assert forwarded(written) == address


def test_the_peer_of_a_socket_of_both_families_is_its_ipv4_address():
    assert client("::ffff:203.0.113.9") == client("::ffff:203.0.113.9", proxies=Proxies(Networks())) == "203.0.113.9"
    assert forwarded("203.0.113.9", peer="::ffff:10.0.0.1") == "203.0.113.9"


@pytest.mark.parametrize(
    "garbage", ["", "unknown", "_hidden", "1.2.3", "999.1.1.1", "\xff", "[", "'; drop", "1" * 60_000]
)
def test_what_is_no_address_ends_the_way_at_the_proxy_that_passed_it_on(garbage):
    assert forwarded(f"6.6.6.6, {garbage}") == "127.0.0.1"
    assert forwarded(f"6.6.6.6, {garbage}, 10.0.0.1") == "10.0.0.1"
    assert client("127.0.0.1", ("forwarded", f"for={garbage}")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "mode", "expected"),
    [
        ("203.0.113.9", IpMode.FULL, "203.0.113.9"),
        ("203.0.113.9", IpMode.TRUNCATED, "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", IpMode.TRUNCATED, "2001:db8:1::"),
        ("203.0.113.9", IpMode.NONE, None),
        ("no address", IpMode.TRUNCATED, None),
    ],
)
def test_as_much_of_an_address_is_kept_as_is_set(address, mode, expected):
    assert stored_address(address, mode) == expected


def test_who_has_a_network_of_ipv6_is_one_and_neighbours_of_ipv4_are_two():
    assert (
        rate_limit_key("2001:db8:1:2::1") == rate_limit_key("2001:db8:1:2:ffff::9") != rate_limit_key("2001:db8:1:3::1")
    )
    assert rate_limit_key("203.0.113.9") != rate_limit_key("203.0.113.8")
