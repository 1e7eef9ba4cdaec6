"""Read one line of an access log in the Combined Log Format, with the virtual host in front or without it.

A line of which it is not clear which part is the client's address is not read.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from runtime.addresses import NOT_GIVEN, first_client, read_ip

EXPECTED = 'the Combined Log Format: [vhost:port] address - user [time] "request" status bytes "referrer" "user agent"'

_LINE = re.compile(
    r"(?P<who>(?:\[[0-9A-Fa-f:.]+\]|[^\[])+?) \[(?P<time>[^\]]{26})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<bytes>\d+|-) "(?P<referrer>(?:[^"\\]|\\.)*)" '
    r'"(?P<user_agent>(?:[^"\\]|\\.)*)"(?: .*)?'
)
_REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S+)(?: (?P<protocol>[A-Z]+/[\d.]+))?")
_VIRTUAL_HOST = re.compile(r"(?P<name>[^\s:\[\]/@,\"]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")
_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PORTS_OF_SERVERS = ("80", "443", "8080", "8443")


class Hit(NamedTuple):
    """What a line says. A virtual host is an origin, such as `https://shop.example`."""

    virtual_host: str | None
    address: str | None
    at: datetime
    method: str
    target: str
    protocol: str | None
    status: int
    byte_count: int
    referrer: str | None
    user_agent: str | None


def has_format(text: str) -> bool:
    """Whether the line is of this format. Its request may be one that no browser sends."""
    found = _LINE.fullmatch(text)
    return found is not None and _who(found["who"]) is not None


def read_hit(text: str) -> Hit | None:
    """Read a line; None if it is of another format, or is no HTTP request at a time of the calendar."""
    found = _LINE.fullmatch(text)
    who = found and _who(found["who"])
    request = found and _REQUEST.fullmatch(found["request"])
    at = found and _parse_time(found["time"])
    if not (found and who and request and at):
        return None
    virtual_host, address = who
    return Hit(
        virtual_host,
        address,
        at,
        request["method"],
        request["target"],
        request["protocol"],
        int(found["status"]),
        0 if found["bytes"] == "-" else int(found["bytes"]),
        _given(found["referrer"]),
        _given(found["user_agent"]),
    )


def origin_of(host: str) -> str | None:
    """Make `https://shop.example` of `shop.example:443`; None if the text is no host."""
    found = _VIRTUAL_HOST.fullmatch(host)
    if not found or found["name"] in NOT_GIVEN:
        return None
    port = found["port"] or "443"
    scheme = "https" if port in ("443", "8443") else "http"
    return f"{scheme}://{found['name'].lower()}{'' if port in ('443', '80') else f':{port}'}"


def _who(text: str) -> tuple[str | None, str | None] | None:
    """Read what stands before the time: `[vhost] address ident user`. A user may have spaces, an address a port.

    Returns:
        The virtual host and the client's address, each None where it is not given; None if it is not clear which
        part is the address.
    """
    words = text.replace('"', "").split(" ")
    for place in (0, 1):
        while len(words) > place + 1 and words[place].endswith(","):
            words[place : place + 2] = [words[place] + words[place + 1]]
    if len(words) < 3:
        return None
    first, second, third = words[:3]
    client = first_client(first) or ""
    if second == "-":
        # A host name with a port is no client's address.
        return (None, client or None) if read_ip(client) or ":" not in client else None
    if not read_ip(second) and "," not in second and (len(words) == 3 or third != "-"):
        # A name that the client's own service gave, which only follows an address for certain.
        return (None, client) if read_ip(client) else None
    return (origin_of(first), first_client(second)) if len(words) > 3 and _is_virtual_host(first) else None


def _is_virtual_host(text: str) -> bool:
    """Whether a word is a server. An address is one only with a server's port: without, it may be the client's."""
    found = _VIRTUAL_HOST.fullmatch(text)
    return found is not None and (not read_ip(text) or found["port"] in _PORTS_OF_SERVERS)


def _given(text: str) -> str | None:
    return None if text in ("", "-") else text


def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if not match or match[2] not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    try:
        local = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=timezone(offset))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
