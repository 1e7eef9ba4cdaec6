"""The hashes that stand for visitors in sketches: of whom there are some, and that their key stays the same."""

import pytest

from footfall.pipeline import night
from runtime.secrets import SecretsError
from tests.support.database import rows
from tests.support.events import event
from warehouse.privacy.visitor_hashes import visitor_hash

KEY = b"key of visitors"


def hashes(installation):
    query = "select visitor_id, visitor_hash, last_day::text from raw.visitor_hashes order by 1"
    return rows(installation.engine, query)


def loaded_before_there_were_hashes(installation):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("truncate raw.visitor_hashes, ops.visitor_key")


def test_each_visitor_of_a_loaded_event_has_a_hash_and_the_newest_day(installation, landing):
    landing.land(event("2026-11-03 10:00", "ann's"), event("2026-11-02 10:00", "ann's"))
    landing.land(event("2026-11-02 10:00", None, user_id="ben"), event("2026-11-01 10:00", "ann's"))
    night.load(installation)
    assert hashes(installation) == [
        ("ann's", visitor_hash(KEY, "shop", "ann's"), "2026-11-03"),
        ("user:ben", visitor_hash(KEY, "shop", "user:ben"), "2026-11-02"),
    ]


def test_a_hash_is_of_one_site_and_one_key_and_fits_a_bigint():
    known = {visitor_hash(key, site, "d") for key in (KEY, b"another") for site in ("shop", "blog")}
    assert len(known) == 4
    assert all(0 <= each < 2**63 for each in known)


def test_visitors_of_events_that_were_loaded_before_are_hashed_once(installation, landing):
    landing.land(*(event(f"2026-11-0{day} 10:00", "ann's") for day in (2, 3)), event("2026-11-03 11:00", "ben's"))
    night.load(installation)
    expected = hashes(installation)
    loaded_before_there_were_hashes(installation)
    night.load(installation)
    assert hashes(installation) == expected


def test_nothing_is_loaded_without_the_key_or_with_another(installation, landing):
    """Acts: a load, the key gone, another key, the key back."""
    landing.land(event("2026-11-02 10:00", "ann's"))
    night.load(installation)
    landing.land(event("2026-11-03 10:00", "ann's"))
    key = installation.settings.visitor_key
    key.unlink()
    with pytest.raises(SecretsError, match="visitor_key is missing: without it, sketches of new days cannot be merged"):
        night.load(installation)
    assert not key.exists()
    key.touch(mode=0o600)
    key.write_text("another")
    with pytest.raises(SecretsError, match="is another key than that of the hashes in the database"):
        night.load(installation)
    key.write_bytes(KEY)
    assert night.load(installation).loaded == 1


def test_a_key_is_made_for_the_first_load_alone_and_only_its_owner_may_read_it(installation, landing):
    key = installation.settings.visitor_key
    key.unlink()
    night.load(installation)
    made = key.read_text()
    assert len(made) >= 32
    assert key.stat().st_mode & 0o077 == 0
    landing.land(event("2026-11-02 10:00", "ann's"))
    night.load(installation)
    assert key.read_text() == made
