import pickle
import re
from datetime import datetime
from pathlib import Path

import pytest

from runtime.settings import ClockTime, Networks, Settings, SettingsError, Zone, load_settings


def load(folder, toml="", **environment):
    (folder / "footfall.toml").write_text(toml)
    return load_settings(environment, folder)


def test_without_file_and_environment_the_defaults_hold(tmp_path):
    assert load_settings({}, tmp_path) == Settings(home=tmp_path / ".footfall")


def test_the_file_wins_over_the_default_and_the_environment_over_the_file(tmp_path):
    settings = load(tmp_path, "postgres_port = 1\ncollector_port = 2", FOOTFALL_COLLECTOR_PORT="3")
    assert (settings.postgres_port, settings.collector_port, settings.dagster_port) == (1, 3, Settings.dagster_port)


def test_an_unknown_setting_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(SettingsError, match=r"unknown setting colector_port; known are .*collector_port"):
        load(tmp_path, "colector_port = 1")


@pytest.mark.parametrize(
    "toml",
    [
        'postgres_port = "many"',
        "postgres_port = 5.5",
        "postgres_port = true",
        'segment_seconds = "soon"',
        "segment_seconds = false",
        "collector_host = 1",
        'collector_host = ["127.0.0.1"]',
        "home = 1",
        "geoip_path = false",
        "webhook_url = {}",
        'respect_dnt = "no"',
        "respect_dnt = 0",
        "ip_mode = 1",
        'trusted_proxies = "10.0.0.0/8, proxy.example"',
        'trusted_proxies = ["10.0.0.1"]',
    ],
)
def test_a_value_of_another_type_is_refused_by_name(tmp_path, toml):
    with pytest.raises(SettingsError, match=f"^{toml.split()[0]}: "):
        load(tmp_path, toml)


@pytest.mark.parametrize("toml", ["postgres_port", "postgres_port = 1\npostgres_port = 2", "[", "home = 'x"])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path, toml):
    with pytest.raises(SettingsError, match=r"^footfall\.toml"):
        load(tmp_path, toml)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('night_at = "2 o\'clock"', 'night_at: "2 o\'clock" is not a ClockTime'),
        ('night_at = "24:00"', "night_at: '24:00' is not a ClockTime"),
        ('night_zone = "Europe/Atlantis"', "night_zone: 'Europe/Atlantis' is not a Zone"),
        ('night_zone = "../etc/passwd"', "night_zone: '../etc/passwd' is not a Zone"),
        ("backup_hour = 24", "backup_hour: 24 is no hour; write one from 0 to 23"),
        ("backup_keep = 0", "backup_keep: 0 is less than 1"),
    ],
)
def test_a_time_a_zone_and_an_hour_that_are_none_are_refused_by_name(tmp_path, toml, says):
    (tmp_path / "footfall.toml").write_text(toml)
    with pytest.raises(SettingsError, match=re.escape(says)):
        load_settings({}, tmp_path)


def test_the_last_night_began_at_its_hour_in_its_own_zone_also_when_the_clocks_change():
    settings = Settings(Path("x"), night_at=ClockTime("02:30"), night_zone=Zone("Europe/Berlin"))
    for now, began in {
        "2026-11-27T01:30:00+00:00": "2026-11-27T02:30:00+01:00",
        "2026-11-27T01:29:59+00:00": "2026-11-26T02:30:00+01:00",
        "2026-07-01T00:30:00+00:00": "2026-07-01T02:30:00+02:00",
    }.items():
        assert settings.last_night(datetime.fromisoformat(now)).isoformat() == began


def test_a_value_of_the_environment_that_is_no_number_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"^max_slice_days: 'all' is not a int"):
        load(tmp_path, FOOTFALL_MAX_SLICE_DAYS="all")


def test_a_value_that_is_none_of_the_choices_is_refused_with_them(tmp_path):
    with pytest.raises(SettingsError, match=r"^ip_mode: 'half' is none of full, truncated, none"):
        load(tmp_path, FOOTFALL_IP_MODE="half")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_yes_and_no_may_be_words_or_digits_in_the_environment(tmp_path, text, value):
    assert load(tmp_path, FOOTFALL_RESPECT_DNT=text).respect_dnt is value


@pytest.mark.parametrize(
    ("host", "is_exposed"),
    [
        *[(host, False) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")],
        *[(host, True) for host in ("0.0.0.0", "::", "192.0.2.1", "collector.example")],
    ],
)
def test_only_loopback_is_out_of_the_reach_of_other_machines(host, is_exposed):
    assert Settings(collector_host=host).is_exposed is is_exposed


def test_a_whole_number_will_do_for_seconds(tmp_path):
    assert load(tmp_path, "segment_seconds = 5").segment_seconds == 5.0


def test_relative_paths_are_taken_from_the_folder_of_the_file(tmp_path):
    settings = load(tmp_path, 'home = "state"', FOOTFALL_GEOIP_PATH="../city.mmdb")
    assert settings.home == tmp_path / "state"
    assert settings.geoip_path == tmp_path.parent / "city.mmdb"


def test_absolute_paths_and_the_home_folder_are_taken_as_they_are(tmp_path):
    settings = load(tmp_path, 'home = "/var/footfall"\ngeoip_path = "~/city.mmdb"')
    assert settings.home == Path("/var/footfall")
    assert settings.geoip_path == Path.home() / "city.mmdb"


def test_an_empty_value_unsets_what_may_be_unset(tmp_path):
    assert load(tmp_path, 'database_url = "postgresql://x"', FOOTFALL_DATABASE_URL="").database_url is None


def test_other_variables_of_the_environment_are_none_of_its_business(tmp_path):
    assert load(tmp_path, FOOTFALL_FAIL_AT="load:before_commit", HOME="/") == Settings(home=tmp_path / ".footfall")


def test_everything_lies_under_the_home(tmp_path):
    settings = load(tmp_path, 'home = "state"')
    for path in (settings.landing, settings.logs, settings.site_registry, settings.dbt_target):
        assert tmp_path / "state" in path.parents


PASSWORD = "pass"
SECRET = f'database_url = "postgresql://bob:{PASSWORD}@db.example/footfall"'


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_with_a_password_that_others_may_read_is_refused_with_the_fix(tmp_path, mode):
    (tmp_path / "footfall.toml").write_text(SECRET)
    (tmp_path / "footfall.toml").chmod(mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {tmp_path / 'footfall.toml'}") as refused:
        load_settings({}, tmp_path)
    assert "pass@" not in str(refused.value)


def test_a_file_with_a_password_that_its_owner_alone_may_read_is_taken_and_one_without_any_may_be_open(tmp_path):
    (tmp_path / "footfall.toml").write_text(SECRET)
    (tmp_path / "footfall.toml").chmod(0o600)
    assert "bob:pass" in load_settings({}, tmp_path).database_url
    (tmp_path / "footfall.toml").write_text('database_url = "postgresql://bob@db.example/footfall"')
    (tmp_path / "footfall.toml").chmod(0o644)
    assert load_settings({}, tmp_path).database_url


def test_settings_travel_to_other_processes():
    settings = Settings(trusted_proxies=Networks("10.0.0.0/8, ::1"))
    assert pickle.loads(pickle.dumps(settings)) == settings
