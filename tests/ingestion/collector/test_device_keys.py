"""A key is there for its day and an hour, the same for all who ask, and gone afterwards."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingestion.collector.device_keys import GRACE, DeviceKeys, is_due, key_files, usable_days
from runtime import failpoints
from tests.support.faults.failing import failing

NIGHT = datetime(2026, 11, 21, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
BEFORE, AFTER = date(2026, 11, 20), date(2026, 11, 21)
ZONES = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "Pacific/Chatham"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "device_keys"


def utc(site: str) -> ZoneInfo:
    return ZoneInfo("UTC")


# Days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ZONES)
def test_yesterdays_key_may_be_used_for_an_hour_after_midnight(name):
    zone = ZoneInfo(name)
    midnight = datetime(2026, 11, 21, tzinfo=zone)
    assert usable_days(midnight - INSTANT, zone) == [BEFORE]
    assert usable_days(midnight, zone) == [AFTER, BEFORE]
    assert usable_days(midnight + GRACE - INSTANT, zone) == [AFTER, BEFORE]
    assert usable_days(midnight + GRACE, zone) == [AFTER]


@pytest.mark.parametrize("name", ZONES)
def test_a_key_is_due_an_hour_after_its_day_and_not_before_and_so_is_one_of_a_clock_that_was_ahead(name):
    zone = ZoneInfo(name)
    midnight = datetime(2026, 11, 21, tzinfo=zone)
    assert [is_due(BEFORE, moment, zone) for moment in (midnight + GRACE - INSTANT, midnight + GRACE)] == [False, True]
    assert [is_due(AFTER, moment, zone) for moment in (midnight - GRACE - INSTANT, midnight - GRACE)] == [True, False]


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", date(2026, 10, 25)), ("America/Havana", date(2026, 11, 1))]
)
def test_a_day_of_25_hours_keeps_its_key_and_the_hour_is_an_hour(zone, day):
    begin = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    for hours in (0.5, 1, 3, 24.9):
        assert usable_days(begin + timedelta(hours=hours), ZoneInfo(zone))[0] == day
    assert usable_days(begin + timedelta(hours=25.9), ZoneInfo(zone)) == [day + timedelta(1), day]
    assert is_due(day, begin + timedelta(hours=26), ZoneInfo(zone))


def test_the_key_of_a_site_whose_zone_is_unknown_stays_until_its_day_has_ended_everywhere():
    first = datetime(2026, 11, 20, tzinfo=ZoneInfo("Pacific/Kiritimati")) - GRACE
    last = datetime(2026, 11, 21, tzinfo=ZoneInfo("Etc/GMT+12")) + GRACE
    moments = (first - INSTANT, first, last - INSTANT, last)
    assert [is_due(BEFORE, moment, None) for moment in moments] == [True, False, False, True]


# Files ----------------------------------------------------------------------------------------------------


def test_all_who_ask_at_once_get_one_key_that_only_its_owner_can_read(folder):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: DeviceKeys(folder).load("shop", AFTER), range(64)))
    [key] = keys
    [path] = folder.iterdir()
    assert (len(key), path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (32, 0o600, 0o700)
    assert DeviceKeys(folder).load("blog", AFTER) not in keys
    assert DeviceKeys(folder).load("shop", BEFORE) not in keys


@pytest.mark.parametrize("damage", [b"", b"short", bytes(64), b"x" * 64, b"x" * 65, None])
def test_a_damaged_or_missing_key_is_made_anew_and_all_agree_on_it_within_a_second(folder, damage):
    now = [0.0]
    processes = [DeviceKeys(folder, lambda: now[0]) for _ in range(3)]
    lost = {process.load("shop", AFTER) for process in processes}
    [path] = folder.iterdir()
    path.write_bytes(damage) if damage is not None else path.unlink()
    now[0] = 1.0
    assert [process.find("shop", AFTER) for process in processes] == [None] * 3
    made = {process.load("shop", AFTER) for process in processes}
    [key] = made
    assert len(key) == 32
    assert key not in lost
    assert key not in (damage or b"")
    assert {process.find("shop", AFTER) for process in processes} == made


def test_a_key_that_could_not_be_written_is_not_used_and_leaves_nothing(folder):
    keys = DeviceKeys(folder)
    for way in ("ENOSPC", "EIO"):
        with failing(f"device_key:writing={way}"), pytest.raises(OSError, match="device_key"):
            keys.load("shop", AFTER)
        assert keys.find("shop", AFTER) is None
        assert list(folder.iterdir()) == []
    assert failpoints.armed is None
    assert keys.load("shop", AFTER) == DeviceKeys(folder).load("shop", AFTER)


def test_a_key_whose_hour_is_over_is_gone_from_memory_folder_and_disk(folder):
    keys, other = DeviceKeys(folder), DeviceKeys(folder)
    key, kept = keys.load("shop", BEFORE), keys.load("shop", AFTER)
    [old] = [path for path in folder.iterdir() if str(BEFORE) in path.name]
    bytes_on_disk = folder.with_name("same-bytes")
    os.link(old, bytes_on_disk)
    assert other.load("shop", BEFORE) == key
    (folder / f".shop.{AFTER}.key.0a1b2c").write_bytes(b"of a killed process")
    keys.destroy_due(NIGHT + GRACE - INSTANT, utc)
    assert keys.find("shop", BEFORE) == key
    assert len(key_files(folder)) == 2
    for each in (keys, other, keys):
        each.destroy_due(NIGHT + GRACE, utc)
        assert each.find("shop", BEFORE) is None
    assert [path.name for path in folder.iterdir()] == [f"shop.{AFTER}.key"]
    assert bytes_on_disk.read_bytes() == bytes(64)
    assert DeviceKeys(folder).load("shop", AFTER) == kept


def test_a_clock_put_back_within_the_hour_finds_both_keys(folder):
    keys = DeviceKeys(folder)
    made = [keys.load("shop", day) for day in usable_days(NIGHT + timedelta(minutes=5), utc("shop"))]
    keys.destroy_due(NIGHT - timedelta(minutes=50), utc)
    assert [keys.load("shop", day) for day in (AFTER, BEFORE)] == made


def test_what_is_no_key_is_left_alone_and_no_folder_is_none(folder):
    DeviceKeys(folder).destroy_due(NIGHT, utc)
    folder.mkdir()
    (folder / "README").write_text("mine")
    (folder / "shop.2026-13-41.key").write_text("of no day")
    DeviceKeys(folder).destroy_due(NIGHT, utc)
    assert [path.name for path in folder.iterdir()] == ["README"]
