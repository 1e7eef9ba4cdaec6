"""Places from a real MMDB, written here by hand: the format is a bit tree, a data section and metadata."""

import pytest

from ingestion.load.geoip import UNKNOWN, Place, Places
from ingestion.load.loader import load_sealed
from tests.conftest import Landing, event, rows
from warehouse.access.sites import add_site

BERLIN = {"country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin", "de": "Berlin an der Spree"}}}


def encode(value):
    """A value in MMDB's data format; all of ours are shorter than 29; bytes are encoded already."""
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, str):
        return bytes([2 << 5 | len(value)]) + value.encode()
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(encode, value))
    return value


def uint16(value):
    return bytes([5 << 5 | 2]) + value.to_bytes(2, "big")


def uint32(value):
    return bytes([6 << 5 | 4]) + value.to_bytes(4, "big")


def uint64(value):
    return bytes([8, 9 - 7]) + value.to_bytes(8, "big")


def write_mmdb(path, network, value):
    """A database that knows one IPv4 /8: a chain of eight nodes, 24-bit records."""
    bits = [network >> (7 - n) & 1 for n in range(8)]
    nodes = b""
    for n, bit in enumerate(bits):
        onwards = n + 1 if n < 7 else 8 + 16
        records = (8, onwards) if bit else (onwards, 8)
        nodes += b"".join(record.to_bytes(3, "big") for record in records)
    metadata = {
        "binary_format_major_version": uint16(2),
        "binary_format_minor_version": uint16(0),
        "build_epoch": uint64(1),
        "database_type": "Test-City",
        "description": {"en": "Test"},
        "ip_version": uint16(4),
        "languages": ["en"],
        "node_count": uint32(8),
        "record_size": uint16(24),
    }
    path.write_bytes(nodes + bytes(16) + encode(value) + b"\xab\xcd\xefMaxMind.com" + encode(metadata))
    return path


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("81.1.2.3", Place("DE", "Berlin")),
        ("81.255.255.255", Place("DE", "Berlin")),
        ("82.0.0.0", UNKNOWN),
        ("2001:db8::1", UNKNOWN),
        ("no address", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_an_address_has_the_place_the_database_says(tmp_path, ip, place):
    assert Places(write_mmdb(tmp_path / "city.mmdb", 81, BERLIN)).of(ip) == place


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"country": {"iso_code": "DE"}}, Place("DE", None)),
        ({"city": {"names": {"de": "Berlin"}}}, UNKNOWN),
        ({}, UNKNOWN),
        ("text", UNKNOWN),
    ],
)
def test_what_the_database_does_not_say_is_unknown(tmp_path, value, place):
    assert Places(write_mmdb(tmp_path / "city.mmdb", 81, value)).of("81.1.2.3") == place


def test_without_a_database_no_place_is_known():
    assert Places(None).of("81.1.2.3") == UNKNOWN


def test_a_database_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Places(tmp_path / "none.mmdb")


def test_events_are_loaded_with_their_place(engine, tmp_path):
    with engine.begin() as connection:
        add_site(connection, "shop")
    landing = Landing(tmp_path / "landing")
    landing.land(
        event("2026-11-10 08:00", ip="81.1.2.3"), event("2026-11-10 08:00", ip="82.1.2.3"), event("2026-11-10 08:00")
    )
    load_sealed(engine, landing.folder, write_mmdb(tmp_path / "city.mmdb", 81, BERLIN), tmp_path / "contact_key", 1)
    assert rows(engine, "select host(ip), country_code, city from raw.events order by line_number") == [
        ("81.1.2.3", "DE", "Berlin"),
        ("82.1.2.3", None, None),
        (None, None, None),
    ]
