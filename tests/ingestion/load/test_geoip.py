"""Places from a real MMDB."""

import pytest

from ingestion.load.geoip import UNKNOWN, Place, Places
from ingestion.load.loader import load_sealed
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.ingestion.mmdb import BERLIN, write_mmdb
from warehouse.access.sites import add_site


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
