"""The address that a request comes from, and how much of it is stored.

A header is believed only if it comes from a trusted proxy.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

from runtime.addresses import read_ip
from runtime.settings import IpMode, Networks

Header = tuple[bytes, bytes]
_STORED_BITS = {4: 24, 6: 48}
_SUBSCRIBER_BITS = 64
"""Bits of an IPv6 address that name its subscriber, who chooses the other bits."""


class Proxies:
    """The reverse proxies in front of the collector."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._is_trusted = lru_cache(maxsize=1000)(self._lies_within)

    def client(self, peer: str, headers: Iterable[Header]) -> str:
        """Return the right-most address that is no trusted proxy. Addresses to its left are not believed."""
        peer = _peer(peer)
        if not self._networks or not self._is_trusted(peer):
            return peer
        found = peer
        for claimed in reversed(_claims(list(headers))):
            if (address := read_ip(claimed.decode("latin-1"))) is None:
                break
            found = address
            if not self._is_trusted(found):
                break
        return found

    def _lies_within(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._networks)
        except ValueError:
            return False


@lru_cache(maxsize=10_000)
def stored_address(address: str, mode: IpMode) -> str | None:
    """Return the part of an address that is landed; None if nothing is."""
    if mode is IpMode.FULL:
        return address
    return None if mode is IpMode.NONE else _network(address, _STORED_BITS)


@lru_cache(maxsize=10_000)
def rate_limit_key(address: str) -> str:
    """Return the name under which requests are counted: an IPv4 address, or the IPv6 network of one subscriber."""
    return _network(address, {6: _SUBSCRIBER_BITS}) or address if ":" in address else address


def _network(address: str, bits: dict[int, int]) -> str | None:
    try:
        parsed = ip_address(address)
        return str(ip_network((parsed, bits[parsed.version]), strict=False).network_address)
    except ValueError:
        return None


def _claims(headers: list[Header]) -> list[bytes]:
    """Return the addresses of X-Forwarded-For, or else of Forwarded, in the order from client to collector."""
    if forwarded := [value for name, value in headers if name == b"x-forwarded-for"]:
        return b",".join(forwarded).split(b",")
    elements = b",".join(value for name, value in headers if name == b"forwarded").split(b",")
    return [_for(element) for element in elements]


def _for(element: bytes) -> bytes:
    """Return the `for` of `for="[2001:db8::1]:4711";proto=https`."""
    for pair in element.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name.lower() == b"for":
            return value.strip(b'"')
    return b""


@lru_cache(maxsize=10_000)
def _peer(address: str) -> str:
    """Return the one spelling of the address of a connection; a socket of both families writes IPv4 as IPv6."""
    return read_ip(address) or address
