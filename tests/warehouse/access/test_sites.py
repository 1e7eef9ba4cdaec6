import hashlib
import json

import pytest

from ingestion.collector.registry import Registry
from tests.support.database import rows
from warehouse.access.sites import SiteError, add_site, list_sites, revoke_key, rotate_key, set_identity, write_registry


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def test_only_the_hash_of_a_key_is_stored(engine):
    with engine.begin() as connection:
        key = add_site(connection, "shop")
    (stored,) = rows(engine, "select k::text from ops.site_keys k")
    assert digest(key) in stored[0]
    assert key not in stored[0]


def test_after_a_rotation_the_new_key_and_the_one_before_are_active(engine, tmp_path):
    with engine.begin() as connection:
        keys = [add_site(connection, "shop"), rotate_key(connection, "shop")]
    with engine.begin() as connection:
        keys.append(rotate_key(connection, "shop"))
        write_registry(connection, tmp_path / "sites.json")
    registry = json.loads((tmp_path / "sites.json").read_text())
    assert set(registry["keys"]) == {digest(keys[1]), digest(keys[2])}


def test_a_servers_key_is_beside_those_of_browsers_and_rotates_alone(engine, tmp_path):
    with engine.begin() as connection:
        browsers = add_site(connection, "shop")
    for _ in range(3):
        with engine.begin() as connection:
            servers = rotate_key(connection, "shop", "server")
    with engine.begin() as connection:
        (site,) = list_sites(connection)
        revoke_key(connection, "shop", site.server_key_hints[0])
        write_registry(connection, tmp_path / "sites.json")
    assert (site.key_hints, len(site.server_key_hints)) == ((browsers[-4:],), 2)
    registry = json.loads((tmp_path / "sites.json").read_text())
    assert registry["keys"] == {digest(browsers): "shop", digest(servers): "shop"}
    assert registry["server_keys"] == [digest(servers)]


def test_a_revoked_key_leaves_the_registry(engine, tmp_path):
    with engine.begin() as connection:
        add_site(connection, "shop", "Europe/Berlin", ["https://shop.example"])
        revoke_key(connection, "shop")
        write_registry(connection, tmp_path / "sites.json")
    assert json.loads((tmp_path / "sites.json").read_text()) == {
        "sites": {"shop": {"timezone": "Europe/Berlin", "origins": ["https://shop.example"]}},
        "keys": {},
        "raw_keep_days": 90,
    }


def test_how_devices_are_known_reaches_the_collector_and_can_be_taken_back(engine, tmp_path):
    def known():
        with engine.begin() as connection:
            write_registry(connection, tmp_path / "sites.json")
            registry = Registry(tmp_path / "sites.json")
            registry.refresh()
            return [(site.identity, registry.site(site.site_id).is_cookieless) for site in list_sites(connection)]

    with engine.begin() as connection:
        add_site(connection, "blog")
        add_site(connection, "shop")
    assert known() == [("device", False)] * 2
    for identity in ("cookieless", "device"):
        with engine.begin() as connection:
            set_identity(connection, "shop", identity)
        assert known() == [("device", False), (identity, identity == "cookieless")]
    with engine.begin() as connection, pytest.raises(SiteError, match="site add shpo"):
        set_identity(connection, "shpo", "cookieless")


@pytest.mark.parametrize(
    ("name", "timezone", "origins"),
    [
        ("Shop", "UTC", []),
        ("", "UTC", []),
        ("shop'; drop", "UTC", []),
        ("shop", "Mars/Olympus", []),
        ("shop", "../UTC", []),
        ("shop", "UTC", ["shop.example"]),
        ("shop", "UTC", ["https://shop.example/path"]),
    ],
)
def test_a_site_that_cannot_be_is_refused(engine, name, timezone, origins):
    with engine.begin() as connection, pytest.raises(SiteError):
        add_site(connection, name, timezone, origins)


def test_origins_are_stored_as_browsers_write_them(engine):
    with engine.begin() as connection:
        add_site(connection, "shop", "UTC", ["https://Shop.Example:443", "https://shop.example", "https://ü.example"])
        (site,) = list_sites(connection)
    assert site.origins == ("https://shop.example", "https://xn--tda.example")


def test_a_site_is_added_once(engine):
    with engine.begin() as connection:
        add_site(connection, "shop")
        with pytest.raises(SiteError, match="rotate-key"):
            add_site(connection, "shop")
        assert [site.site_id for site in list_sites(connection)] == ["shop"]


def test_an_unknown_site_is_named_with_the_fix(engine):
    with engine.begin() as connection, pytest.raises(SiteError, match="site add shpo"):
        rotate_key(connection, "shpo")
