"""A backup is whole or does not exist. After a restore and a replay each event is there once, as without a restore."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import psutil
import pytest
import zstandard
from sqlalchemy import text

from footfall.backup.backup import BackupError, make_backup, open_backup, remove_all_but
from footfall.backup.restore import RestoreError, compare, require_fitting, restore
from footfall.pipeline import night
from footfall.pipeline.backups import last_backup, list_backups
from footfall.pipeline.installation import open_installation, published_marts
from footfall.privacy import requests as privacy
from ingestion.collector.device_keys import DeviceKeys, key_files
from tests.support.balance import found_events, require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.failing import fail
from tests.support.installation import contents
from tests.support.people import found_in
from warehouse.access.sites import add_site, list_sites, revoke_key, rotate_key, set_identity
from warehouse.postgres.dump import DumpError
from warehouse.privacy.erased_list import incomplete_lists, read_list
from warehouse.privacy.person import Subject
from warehouse.publication.site_options import all_options, change_options
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}


@pytest.fixture
def backups(tmp_path):
    return tmp_path / "backups"


def change(installation, statement, **values):
    with installation.engine.begin() as connection:
        connection.execute(text(statement), values)


def days(*numbers):
    return [event(f"2026-11-0{day} 09:00", device=f"d{day}", user_id=f"u{day % 2}") for day in numbers]


def back(installation, backup):
    """As the command does it."""
    require_fitting(installation.settings, backup)
    waiting = restore(installation.settings, backup)
    installation.dispose()
    return waiting


def folders(backups):
    return [path.name for path in backups.iterdir() if path.is_dir()]


def make_alone(settings, folder):
    with open_installation(settings) as installation:
        make_backup(installation, folder)


def restore_alone(settings, folder):
    restore(settings, open_backup(folder))


def backups_of(installation):
    """In the home, so that a copy of it holds them where they were."""
    return installation.settings.home / "backups"


def the_backup_of(installation):
    (folder,) = list_backups(backups_of(installation))
    return open_backup(folder)


def two_days_backed_up(installation):
    Landing(installation.settings.landing).land(*days(2, 3))
    night.nightly(installation, **QUIETLY)
    make_backup(installation, backups_of(installation))


@pytest.fixture(scope="module")
def copies_of_two_days(past):
    with past({"shop": "UTC"}, two_days_backed_up) as copies:
        yield copies


@pytest.fixture
def backed_up(copies_of_two_days):
    """An installation with two published days, and its only backup."""
    with copies_of_two_days() as installation:
        yield installation, the_backup_of(installation)


# Once, and all of it -----------------------------------------------------------------------------


@pytest.mark.nights
def test_an_old_backup_and_a_replay_end_as_if_nothing_had_happened(installation, landing, backups):
    """Events before and after the backup: loaded, published, late, sent twice, only loaded, only sealed."""
    first, contact = days(2, 3), event("2026-11-03 10:00", name="user_identified", properties={"email": "a@b.example"})
    landing.land(*first, contact)
    night.nightly(installation, **QUIETLY)
    landing.land(*days(4))
    backup = make_backup(installation, backups)
    night.nightly(installation, **QUIETLY)
    landing.land(*days(5), first[0], event("2026-11-03 09:20", device="late"))
    night.nightly(installation, **QUIETLY)
    landing.land(*days(6), contact | {"event_id": "another", "client_timestamp": "2026-11-06T10:00:00Z"})
    night.load(installation)
    landing.land(*days(7))
    waiting = back(installation, open_backup(backup.folder))
    assert waiting == 4
    assert rows(installation.engine, "select count(*) from raw.events") == [(3,)]
    night.nightly(installation, **QUIETLY)
    replayed, events = contents(installation), found_events(installation.engine)
    require_balance(installation.engine)
    assert len(events) == len(set(events)) == 9
    assert rows(installation.engine, "select sum(duplicate_count) from ops.landed_files") == [(1,)]
    night.rebuild(installation, **QUIETLY)
    assert contents(installation) == replayed
    assert night.nightly(installation, **QUIETLY) == []


@pytest.mark.nights
def test_who_was_erased_since_the_backup_is_erased_again(installation, landing, backups):
    """A user signed in on two devices, a visitor without a user, and others, one of them readmitted since."""
    landing.land(*days(2, 3), event("2026-11-02 11:00", "phone", user_id="u0"), event("2026-11-02 12:00", "nameless"))
    landing.land(event("2026-11-03 12:00", "stays"), event("2026-11-03 13:00", "again"))
    night.nightly(installation, **QUIETLY)
    backup = make_backup(installation, backups)
    for kind, subject in (("user", "u0"), ("device", "nameless"), ("device", "again")):
        privacy.carry_out(
            installation, privacy.request(installation, "erase", Subject("shop", kind, subject)), **QUIETLY
        )
    privacy.carry_out(
        installation, privacy.request(installation, "readmit", Subject("shop", "device", "again")), **QUIETLY
    )
    erased = contents(installation)
    back(installation, backup)
    assert len(contents(installation)["sessions"]) == 6
    assert privacy.erase_again(installation, **QUIETLY) == 2
    assert sorted(rows(installation.engine, "select anonymous_id from raw.events")) == [("again",), ("d3",), ("stays",)]
    privacy.carry_out(
        installation, privacy.request(installation, "erase", Subject("shop", "device", "again")), **QUIETLY
    )
    assert contents(installation) == erased
    assert privacy.erase_again(installation, **QUIETLY) == 0


# Who was erased ----------------------------------------------------------------------------------


def erase_since(installation):
    """Two people are erased after a backup: a user, and a device that only a reject names."""
    bad = event("2026-11-02 11:00", "kept", "Bad", deviceId="nameless")
    Landing(installation.settings.landing).land(*days(2, 3), bad, event("2026-11-03 12:00", "stays"))
    night.nightly(installation, **QUIETLY)
    make_backup(installation, backups_of(installation))
    for kind, subject in (("user", "u0"), ("device", "nameless")):
        privacy.carry_out(
            installation, privacy.request(installation, "erase", Subject("shop", kind, subject)), **QUIETLY
        )


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, erase_since) as copies:
        yield copies


@pytest.fixture
def erased_since(copies):
    """An installation, and its only backup, since which two people were erased."""
    with copies() as installation:
        yield installation, the_backup_of(installation)


def back_elsewhere(elsewhere, backup, *given):
    require_fitting(elsewhere.settings, backup, *given)
    restore(elsewhere.settings, backup, *given)
    elsewhere.dispose()
    night.nightly(elsewhere, **QUIETLY)
    return privacy.erase_again(elsewhere, **QUIETLY)


@pytest.mark.nights
def test_on_a_new_machine_the_list_beside_the_backup_erases_again_who_was_erased_since(erased_since, anew):
    installation, backup = erased_since
    with anew({}, name=None) as elsewhere:
        assert back_elsewhere(elsewhere, backup) == 2
        assert contents(elsewhere) == contents(installation)
        assert found_events(elsewhere.engine) == found_events(installation.engine)
        assert rows(elsewhere.engine, "select count(*) from raw.rejects") == [(0,)]
        assert found_in(elsewhere, "nameless") == []
        require_balance(elsewhere.engine)


@pytest.mark.nights
def test_a_backup_without_the_list_is_refused_on_a_new_machine_and_changes_nothing(erased_since, tmp_path, anew):
    """Acts: the backup alone; a damaged list; another's; the old landing zone's; the list by name."""
    installation, backup = erased_since
    (listed,) = backups_of(installation).glob("erased-*.json")
    alone = open_backup(shutil.copytree(backup.folder, tmp_path / "elsewhere" / backup.folder.name))
    with anew({}, name=None) as elsewhere:
        for step in (require_fitting, restore):
            with pytest.raises(RestoreError, match="is missing: the list of the people who were erased"):
                step(elsewhere.settings, alone)
        damaged = alone.folder.parent / listed.name
        damaged.write_bytes(listed.read_bytes()[:-30])
        with pytest.raises(RestoreError, match="cannot be read"):
            require_fitting(elsewhere.settings, alone)
        damaged.unlink()
        with pytest.raises(RestoreError, match="another installation"):
            require_fitting(elsewhere.settings, alone, shutil.copy(listed, tmp_path / "erased-0123456789abcdef.json"))
        with pytest.raises(RestoreError, match="is missing"):
            require_fitting(elsewhere.settings, alone, tmp_path / "erased-9.json")
        assert rows(elsewhere.engine, "select count(*) from ops.landed_files") == [(0,)]
        assert back_elsewhere(elsewhere, alone, installation.settings.landing / "suppressions.ndjson") == 2
    with anew({}, name=None) as elsewhere:
        assert back_elsewhere(elsewhere, alone, listed) == 2
    with anew({}, name=None) as elsewhere:
        assert back_elsewhere(elsewhere, alone, None, True) == 0


@pytest.mark.nights
def test_who_was_erased_stays_erased_where_the_landing_zone_is_lost_before_the_restore(erased_since):
    installation, backup = erased_since
    shutil.rmtree(installation.settings.landing)
    back(installation, backup)
    assert privacy.erase_again(installation, **QUIETLY) == 2


@pytest.mark.nights
def test_a_folder_of_backups_that_is_away_gets_the_list_when_it_is_back(installation, landing, backups, tmp_path):
    """Acts: a backup, the disk away, an erasure and a readmission, the disk back, the next erasure."""
    landing.land(*days(2, 3))
    make_backup(installation, backups)
    (listed,) = backups.glob("erased-*.json")
    backups.rename(tmp_path / "away")
    backups.mkdir()  # Where the disk was mounted.
    receipt = privacy.carry_out(
        installation, privacy.request(installation, "erase", Subject("shop", "user", "u0")), **QUIETLY
    )
    assert receipt.without_list == [str(backups)]
    assert list(backups.iterdir()) == []
    with installation.engine.connect() as connection:
        assert incomplete_lists(connection, installation.settings) == [backups]
    backups.rmdir()
    (tmp_path / "away").rename(backups)
    assert read_list(listed).suppressions == []
    receipt = privacy.carry_out(
        installation, privacy.request(installation, "erase", Subject("shop", "user", "u1")), **QUIETLY
    )
    assert receipt.without_list == []
    with installation.engine.connect() as connection:
        assert incomplete_lists(connection, installation.settings) == []
    assert {each.kind for each in read_list(listed).suppressions} == {"user", "device"}
    privacy.carry_out(installation, privacy.request(installation, "readmit", Subject("shop", "user", "u0")), **QUIETLY)
    assert {each.lifted_at is not None for each in read_list(listed).suppressions} == {True, False}
    assert "u0" not in listed.read_text()
    assert listed.stat().st_mode & 0o077 == 0


def test_two_installations_keep_their_lists_in_one_folder(installation, backups, anew):
    make_backup(installation, backups)
    with anew({"shop": "UTC"}, name=None) as elsewhere:
        make_backup(elsewhere, backups)
    assert len(list(backups.glob("erased-*.json"))) == 2


@pytest.mark.nights
def test_the_replay_gives_the_marts_that_were_there_before(backed_up):
    """Acts: nights after a backup, a restore and the replay, both again."""
    installation, backup = backed_up
    landing = Landing(installation.settings.landing)
    landing.land(*days(4), event("2026-11-03 09:20", device="late"))
    night.nightly(installation, **QUIETLY)
    landing.land(*days(5))
    night.nightly(installation, **QUIETLY)
    before, events = contents(installation), found_events(installation.engine)
    assert back(installation, backup) == 2
    assert contents(installation) != before
    night.nightly(installation, **QUIETLY)
    assert contents(installation) == before
    assert found_events(installation.engine) == events
    # And again, from where it is now.
    assert back(installation, backup) == 2
    night.nightly(installation, **QUIETLY)
    assert contents(installation) == before
    require_balance(installation.engine)


@pytest.mark.nights
def test_a_new_machine_needs_nothing_but_the_backup(installation, landing, backups, anew):
    with installation.engine.begin() as connection:
        key = add_site(connection, "blog", "Europe/Berlin", ["https://blog.example"])
        set_policy(connection, "raw_events", 400)
        set_policy(connection, "ip_addresses", 50, "signed_in")
    landing.land(*days(2, 3), event("2026-11-03 10:00", name="user_identified", properties={"email": "a@b.example"}))
    night.nightly(installation, **QUIETLY)
    landing.land(*days(4))
    backup = make_backup(installation, backups)
    night.nightly(installation, **QUIETLY)
    with anew({}, name=None) as elsewhere:
        assert back(elsewhere, open_backup(backup.folder)) == 1
        night.nightly(elsewhere, **QUIETLY)
        assert contents(elsewhere) == contents(installation)
        assert found_events(elsewhere.engine) == found_events(installation.engine)
        assert elsewhere.settings.contact_key.read_bytes() == installation.settings.contact_key.read_bytes()
        kept = "select kind, keep_days from ops.retention_policies where policy = '{}' order by 1"
        assert rows(elsewhere.engine, kept.format("raw_events")) == [("anonymous", 400), ("signed_in", 400)]
        assert rows(elsewhere.engine, kept.format("ip_addresses")) == [("anonymous", 30), ("signed_in", 50)]
        assert '"Europe/Berlin"' in elsewhere.settings.site_registry.read_text()
        assert key not in elsewhere.settings.site_registry.read_text()
        require_balance(elsewhere.engine)


@pytest.mark.nights
def test_sites_keys_and_policies_are_as_they_are_now_and_not_as_they_were(installation, landing, backups):
    with installation.engine.begin() as connection:
        leaked = add_site(connection, "blog")
        change_options(connection, "blog", {"top_n": 3, "currency": "EUR"})
    landing.land(*days(5), site="blog")
    landing.land(*days(6))
    night.nightly(installation, **QUIETLY)
    backup = make_backup(installation, backups)
    with installation.engine.begin() as connection:
        change_options(connection, "blog", {"top_n": 4}, ["currency"])
        fresh = rotate_key(connection, "blog")
        revoke_key(connection, "blog", leaked[-4:])
        add_site(connection, "later")
        set_identity(connection, "blog", "cookieless")
        change_options(connection, "later", {"currency": "CHF"})
        set_policy(connection, "payment_contacts", 7)
    landing.land(*days(4), site="later")
    night.load(installation)
    keys = "select site_id, hint, revoked_at is null from ops.site_keys order by 1, 2"
    before = rows(installation.engine, keys)
    back(installation, backup)
    assert rows(installation.engine, keys) == before
    assert ("blog", leaked[-4:], False) in before
    assert ("blog", fresh[-4:], True) in before
    kept = "select keep_days from ops.retention_policies where policy = 'payment_contacts'"
    assert rows(installation.engine, kept) == [(7,)]
    with installation.engine.connect() as connection:
        assert all_options(connection) == {"blog": {"top_n": 4}, "later": {"currency": "CHF"}}
        identities = {site.site_id: site.identity for site in list_sites(connection)}
    assert identities == {"blog": "cookieless", "later": "device", "shop": "device"}
    assert rows(installation.engine, "select event_date::text, cause from ops.dirty_days") == [
        ("2026-11-05", "site_options")
    ]
    assert night.load(installation).loaded == 1


@pytest.mark.nights
def test_days_that_were_pruned_since_come_back_and_go_with_the_next_retention(installation, landing, backups):
    """Acts: a backup, a prune, a restore, the next prune and night."""
    noon = datetime.combine(datetime.now(UTC).date() - timedelta(days=95), time(12), UTC)
    landing.land(event(noon, device="old"), event(datetime.now(UTC) - timedelta(hours=1), user_id="ann"))
    night.nightly(installation, **QUIETLY)
    backup = make_backup(installation, backups)
    prune(installation.engine, installation.settings, published_marts(installation))
    pruned, events = contents(installation), found_events(installation.engine)
    assert len(events) == 1
    back(installation, backup)
    assert len(found_events(installation.engine)) == 2
    prune(installation.engine, installation.settings, published_marts(installation))
    night.nightly(installation, **QUIETLY)
    assert contents(installation) == pruned
    assert found_events(installation.engine) == events


def test_a_refused_file_is_refused_again_and_keeps_its_place(installation, landing, backups):
    landing.land(*days(2))
    (segment,) = (landing.folder / "sealed").glob("*.zst")
    segment.write_bytes(b"altered")
    night.load(installation)
    backup = make_backup(installation, backups)
    assert back(installation, backup) == 0
    assert (landing.folder / "refused" / segment.name).exists()
    assert (backup.folder / "landing" / segment.name).exists()


# What cannot be loaded again ---------------------------------------------------------------------


def test_what_was_loaded_since_is_reported_and_what_of_it_is_lost(installation, landing, backups):
    """Acts: nothing loaded since, two files loaded since, one of them lost."""
    landing.land(*days(2))
    night.load(installation)
    backup = make_backup(installation, backups)
    assert compare(installation, backup).loaded_files == 0
    landing.land(*days(3))
    landing.land(*days(4, 5))
    night.load(installation)
    assert "all of them are still here" in str(compare(installation, backup))
    file = rows(installation.engine, "select file_name from ops.landed_files where loaded_count = 2")[0][0]
    (landing.folder / "loaded" / file).unlink()
    assert str(compare(installation, backup)) == (
        "2 files were loaded since the backup; 1 are gone from the landing zone, and 2 events with them"
    )


# Whole or none -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["backup:dumped", "backup:copied", "backup:unnamed"])
def test_a_backup_that_was_killed_claims_nothing_and_the_next_one_tidies_up(installation, landing, backups, place):
    landing.land(*days(2))
    night.load(installation)
    fail(place, make_alone, installation.settings, backups)
    assert list_backups(backups) == []
    assert len(folders(backups)) == 1
    backup = make_backup(installation, backups)
    assert folders(backups) == [backup.folder.name]
    assert open_backup(backup.folder).manifest.loaded_events == 1


@pytest.mark.parametrize("harm", ["cut", "altered", "missing"])
def test_a_damaged_backup_is_refused_with_the_file_that_is(installation, landing, backups, harm):
    landing.land(*days(2))
    night.load(installation)
    (installation.settings.home / "secrets" / "contact_key").write_text("key")
    backup = make_backup(installation, backups)
    names = set(backup.manifest.files)
    assert {name.split("/")[0] for name in names} == {"database.dump", "landing", "keys"}
    for name in names:
        harmed = shutil.copytree(backup.folder, backups / f"{harm}-{name.replace('/', '-')}") / name
        content = harmed.read_bytes()
        harmed.unlink()
        if harm != "missing":
            harmed.write_bytes(content[:-1] if harm == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BackupError, match=f"{harmed} is (damaged|missing)"):
            open_backup(harmed.parents[len(name.split("/")) - 1])


def test_a_folder_without_a_manifest_or_with_half_of_one_is_no_backup(installation, backups):
    backup = make_backup(installation, backups)
    manifest = backup.folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])
    with pytest.raises(BackupError, match=r"manifest.json is damaged"):
        open_backup(backup.folder)
    manifest.unlink()
    with pytest.raises(BackupError, match="is no backup"):
        open_backup(backup.folder)


def test_only_its_owner_may_look_into_a_backup_and_no_password_is_in_it(installation, backups):
    installation.settings.contact_key.write_text("key")
    backup = make_backup(installation, backups)
    assert backup.folder.stat().st_mode & 0o077 == 0
    names = ["contact_key", "suppression_key", "visitor_key"]
    assert sorted(path.name for path in (backup.folder / "keys").iterdir()) == names


def test_no_key_from_which_devices_of_a_cookieless_site_are_derived_is_in_a_backup(installation, landing, backups):
    landing.land(*days(2))
    secret = DeviceKeys(installation.settings.device_keys).load("shop", datetime.now(UTC).date())
    [path] = key_files(installation.settings.device_keys)
    backup = make_backup(installation, backups)
    held = [each for each in backups.rglob("*") if each.is_file()]
    assert len(held) > 3
    assert not any(secret in each.read_bytes() or path.name == each.name for each in held)
    back(installation, backup)
    assert DeviceKeys(installation.settings.device_keys).load("shop", datetime.now(UTC).date()) == secret


def test_of_an_installations_own_backups_the_newest_are_kept(installation, backups, anew):
    with anew({}, None) as other:
        others = make_backup(other, backups).folder
        others = others.rename(others.with_name("20260101T000000Z"))
    names = []
    for number in range(3):
        made = make_backup(installation, backups).folder
        names.append(made.rename(made.with_name(f"2026110{number}T000000Z")).name)
    assert [path.name for path in remove_all_but(installation.settings, backups, 2)] == names[:1]
    assert list_backups(backups) == [others, *(backups / name for name in names[1:])]
    assert len(folders(backups)) == 3
    assert last_backup(replace(installation.settings, backup_path=backups)) == datetime(2026, 11, 2, tzinfo=UTC)


def test_what_retention_takes_from_the_landing_zone_stays_in_the_backup(installation, landing, backups):
    landing.land(*days(2))
    night.load(installation)
    backup = make_backup(installation, backups)
    change(installation, "update ops.landed_files set loaded_at = now() - interval '30 days'")
    today = datetime.now(UTC).date()
    prune(installation.engine, installation.settings, published_marts(installation), confirmed=today)
    assert not list((landing.folder / "loaded").iterdir())
    open_backup(backup.folder)


# Interrupted, refused ----------------------------------------------------------------------------


@pytest.mark.nights
def test_a_restore_that_was_killed_before_its_end_left_the_database_as_it_was(backed_up):
    installation, backup = backed_up
    Landing(installation.settings.landing).land(*days(4))
    night.nightly(installation, **QUIETLY)
    before = contents(installation)
    fail("restore:before_commit", restore_alone, installation.settings, backup.folder)
    assert contents(installation) == before
    # What psql was in the middle of ends with it.
    assert back(installation, backup) == 1


@pytest.mark.parametrize("place", ["restore:committed", "restore:sorted"])
def test_a_restore_that_was_killed_is_finished_by_the_same_command(installation, landing, backups, place):
    landing.land(*days(2))
    night.load(installation)
    backup = make_backup(installation, backups)
    with installation.engine.begin() as connection:
        add_site(connection, "later")
    landing.land(*days(3), site="later")
    night.load(installation)
    fail(place, restore_alone, installation.settings, backup.folder)
    assert back(installation, backup) == 1
    assert night.load(installation).loaded == 1
    require_balance(installation.engine)
    assert rows(installation.engine, "select to_regnamespace('kept_on_restore')") == [(None,)]


def test_a_dump_that_cannot_be_read_to_its_end_changes_nothing(backed_up):
    installation, backup = backed_up
    dump = backup.folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    before = contents(installation)
    with pytest.raises(DumpError, match="the database is as it was"):
        restore(installation.settings, backup)
    installation.dispose()
    assert contents(installation) == before
    assert rows(installation.engine, "select to_regnamespace('kept_on_restore')") == [(None,)]


def test_nothing_is_restored_under_a_running_collector(installation, backups):
    backup = make_backup(installation, backups)
    run = installation.settings.home / "run"
    run.mkdir()
    with subprocess.Popen(["sleep", "60"]) as collector:
        created = psutil.Process(collector.pid).create_time()
        (run / "collector.json").write_text(json.dumps({"pid": collector.pid, "created": created}))
        with pytest.raises(RestoreError, match="still running: collector; footfall down"):
            require_fitting(installation.settings, backup)
        collector.kill()
    require_fitting(installation.settings, backup)


def test_a_backup_of_another_installation_or_of_newer_programs_is_refused(installation, landing, backups, anew):
    installation.settings.contact_key.write_text("key")
    backup = make_backup(installation, backups)
    for wrong, why in (
        ({"schema_version": "9999"}, "update Footfall first"),
        ({"server_version": 990001}, "PostgreSQL 99"),
    ):
        changed = type(backup)(backup.folder, backup.manifest.__replace__(**wrong))
        with pytest.raises(RestoreError, match=why):
            require_fitting(installation.settings, changed)
    with anew({"shop": "UTC"}, name=None) as elsewhere:
        elsewhere.settings.contact_key.write_text("another")
        with pytest.raises(RestoreError, match="of another installation"):
            require_fitting(elsewhere.settings, backup)


def test_a_backup_holds_what_is_acknowledged_and_not_sealed_yet(installation, backups):
    Landing(installation.settings.landing).land(*days(2))
    (sealed,) = (installation.settings.landing / "sealed").glob("*.zst")
    left_open = installation.settings.landing / "open" / "20261102T090000-dead-0123456789ab.ndjson"
    left_open.parent.mkdir(exist_ok=True)
    left_open.write_bytes(zstandard.ZstdDecompressor().stream_reader(sealed.read_bytes()).read())
    backup = make_backup(installation, backups)
    assert sum(name.endswith(".zst") for name in backup.manifest.files) == 2
