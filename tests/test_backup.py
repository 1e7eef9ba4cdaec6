"""Backups are whole or are none, and what is put back ends with each event once, as if nothing had happened."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, time, timedelta

import psutil
import pytest
import zstandard
from sqlalchemy import text

from footfall.backup.backup import BackupError, list_backups, make_backup, open_backup, remove_all_but
from footfall.backup.restore import RestoreError, compare, require_fitting, restore
from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from footfall.privacy import requests as privacy
from tests.balance import found_events, require_balance
from tests.conftest import Landing, contents, event, rows
from tests.failing import fail
from warehouse.access.sites import add_site, revoke_key, rotate_key
from warehouse.postgres.dump import DumpError
from warehouse.privacy.person import Subject
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}


@pytest.fixture
def backups(tmp_path):
    return tmp_path / "backups"


def change(here, statement, **values):
    with here.engine.begin() as connection:
        connection.execute(text(statement), values)


def days(*numbers):
    return [event(f"2026-11-0{day} 09:00", device=f"d{day}", user_id=f"u{day % 2}") for day in numbers]


def back(here, backup):
    """As the command does it."""
    require_fitting(here.settings, backup)
    waiting = restore(here.settings, backup)
    here.dispose()
    return waiting


def make_alone(settings, folder):
    with open_installation(settings) as here:
        make_backup(here, folder)


def restore_alone(settings, folder):
    restore(settings, open_backup(folder))


# Once, and all of it -----------------------------------------------------------------------------


def test_an_old_backup_and_a_replay_end_as_if_nothing_had_happened(here, landing, backups):
    """Loaded, published, late, twice, loaded only, sealed only: whatever came after the backup, and what was before it."""
    first, contact = days(2, 3), event("2026-11-03 10:00", name="user_identified", properties={"email": "a@b.example"})
    landing.land(*first, contact)
    night.nightly(here, **QUIETLY)
    landing.land(*days(4))
    backup = make_backup(here, backups)
    night.nightly(here, **QUIETLY)
    landing.land(*days(5), first[0], event("2026-11-02 09:20", device="late"))
    night.nightly(here, **QUIETLY)
    landing.land(*days(6), contact | {"event_id": "another", "client_timestamp": "2026-11-06T10:00:00Z"})
    night.load(here)
    landing.land(*days(7))
    waiting = back(here, open_backup(backup.folder))
    assert waiting == 4
    assert rows(here.engine, "select count(*) from raw.events") == [(3,)]
    night.nightly(here, **QUIETLY)
    replayed, events = contents(here), found_events(here.engine)
    require_balance(here.engine)
    assert len(events) == len(set(events)) == 9
    assert rows(here.engine, "select sum(duplicate_count) from ops.landed_files") == [(1,)]
    night.rebuild(here, **QUIETLY)
    assert contents(here) == replayed
    assert night.nightly(here, **QUIETLY) == []


def test_who_was_erased_since_the_backup_is_erased_again(here, landing, backups):
    """Somebody signed in on two devices, somebody without a name, and others, one of them readmitted since."""
    landing.land(*days(2, 3), event("2026-11-02 11:00", "phone", user_id="u0"), event("2026-11-02 12:00", "nameless"))
    landing.land(event("2026-11-03 12:00", "stays"), event("2026-11-03 13:00", "again"))
    night.nightly(here, **QUIETLY)
    backup = make_backup(here, backups)
    for kind, subject in (("user", "u0"), ("device", "nameless"), ("device", "again")):
        privacy.carry_out(here, privacy.request(here, "erase", Subject("shop", kind, subject)), **QUIETLY)
    privacy.carry_out(here, privacy.request(here, "readmit", Subject("shop", "device", "again")), **QUIETLY)
    erased = contents(here)
    back(here, backup)
    assert len(contents(here)["sessions"]) == 6
    assert privacy.erase_again(here, **QUIETLY) == 2
    assert sorted(rows(here.engine, "select anonymous_id from raw.events")) == [("again",), ("d3",), ("stays",)]
    privacy.carry_out(here, privacy.request(here, "erase", Subject("shop", "device", "again")), **QUIETLY)
    assert contents(here) == erased
    assert privacy.erase_again(here, **QUIETLY) == 0


def test_the_replay_gives_the_marts_that_were_there_before(here, landing, backups):
    landing.land(*days(2, 3))
    night.nightly(here, **QUIETLY)
    backup = make_backup(here, backups)
    landing.land(*days(4), event("2026-11-02 09:20", device="late"))
    night.nightly(here, **QUIETLY)
    landing.land(*days(5))
    night.nightly(here, **QUIETLY)
    before, events = contents(here), found_events(here.engine)
    assert back(here, backup) == 2
    assert contents(here) != before
    night.nightly(here, **QUIETLY)
    assert contents(here) == before
    assert found_events(here.engine) == events
    # And again, from where it is now.
    assert back(here, backup) == 2
    night.nightly(here, **QUIETLY)
    assert contents(here) == before
    require_balance(here.engine)


def test_a_new_machine_needs_nothing_but_the_backup(here, landing, backups, anew):
    with here.engine.begin() as connection:
        key = add_site(connection, "blog", "Europe/Berlin", ["https://blog.example"])
        set_policy(connection, "raw_events", 400)
    landing.land(*days(2, 3), event("2026-11-03 10:00", name="user_identified", properties={"email": "a@b.example"}))
    night.nightly(here, **QUIETLY)
    landing.land(*days(4))
    backup = make_backup(here, backups)
    night.nightly(here, **QUIETLY)
    with anew({}, name=None) as elsewhere:
        assert back(elsewhere, open_backup(backup.folder)) == 1
        night.nightly(elsewhere, **QUIETLY)
        assert contents(elsewhere) == contents(here)
        assert found_events(elsewhere.engine) == found_events(here.engine)
        assert elsewhere.settings.contact_key.read_bytes() == here.settings.contact_key.read_bytes()
        assert rows(elsewhere.engine, "select keep_days from ops.retention_policies where policy = 'raw_events'") == [
            (400,)
        ]
        assert '"Europe/Berlin"' in elsewhere.settings.site_registry.read_text()
        assert key not in elsewhere.settings.site_registry.read_text()
        require_balance(elsewhere.engine)


def test_sites_keys_and_policies_are_as_they_are_now_and_not_as_they_were(here, landing, backups):
    with here.engine.begin() as connection:
        leaked = add_site(connection, "blog")
    backup = make_backup(here, backups)
    with here.engine.begin() as connection:
        fresh = rotate_key(connection, "blog")
        revoke_key(connection, "blog", leaked[-4:])
        add_site(connection, "later")
        set_policy(connection, "contacts", 7)
    landing.land(*days(4), site="later")
    night.load(here)
    keys = "select site_id, hint, revoked_at is null from ops.site_keys order by 1, 2"
    before = rows(here.engine, keys)
    back(here, backup)
    assert rows(here.engine, keys) == before
    assert ("blog", leaked[-4:], False) in before
    assert ("blog", fresh[-4:], True) in before
    assert rows(here.engine, "select keep_days from ops.retention_policies where policy = 'contacts'") == [(7,)]
    assert night.load(here).loaded == 1


def test_days_that_were_pruned_since_come_back_and_go_with_the_next_retention(here, landing, backups):
    noon = datetime.combine(datetime.now(UTC).date() - timedelta(days=95), time(12), UTC)
    landing.land(event(noon, device="old"), event(datetime.now(UTC) - timedelta(hours=1), user_id="ann"))
    night.nightly(here, **QUIETLY)
    backup = make_backup(here, backups)
    prune(here.engine, here.settings)
    pruned, events = contents(here), found_events(here.engine)
    assert len(events) == 1
    back(here, backup)
    assert len(found_events(here.engine)) == 2
    prune(here.engine, here.settings)
    night.nightly(here, **QUIETLY)
    assert contents(here) == pruned
    assert found_events(here.engine) == events


def test_a_refused_file_is_refused_again_and_keeps_its_place(here, landing, backups):
    landing.land(*days(2))
    (segment,) = (landing.folder / "sealed").glob("*.zst")
    segment.write_bytes(b"altered")
    night.load(here)
    backup = make_backup(here, backups)
    assert back(here, backup) == 0
    assert (landing.folder / "refused" / segment.name).exists()
    assert (backup.folder / "landing" / segment.name).exists()


# What cannot be loaded again ---------------------------------------------------------------------


def test_what_was_loaded_since_is_told_and_what_of_it_is_lost(here, landing, backups):
    landing.land(*days(2))
    night.load(here)
    backup = make_backup(here, backups)
    assert compare(here, backup).loaded_files == 0
    landing.land(*days(3))
    landing.land(*days(4, 5))
    night.load(here)
    assert "all of them are still here" in str(compare(here, backup))
    file = rows(here.engine, "select file_name from ops.landed_files where loaded_count = 2")[0][0]
    (landing.folder / "loaded" / file).unlink()
    assert str(compare(here, backup)) == (
        "2 files were loaded since the backup; 1 are gone from the landing zone, and 2 events with them"
    )


# Whole or none -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["backup:dumped", "backup:copied", "backup:unnamed"])
def test_a_backup_that_was_killed_claims_nothing_and_the_next_one_tidies_up(here, landing, backups, place):
    landing.land(*days(2))
    night.load(here)
    fail(place, make_alone, here.settings, backups)
    assert list_backups(backups) == []
    assert len(list(backups.iterdir())) == 1
    backup = make_backup(here, backups)
    assert [path.name for path in backups.iterdir()] == [backup.folder.name]
    assert open_backup(backup.folder).manifest.loaded_events == 1


@pytest.mark.parametrize("harm", ["cut", "altered", "missing"])
def test_a_damaged_backup_is_refused_with_the_file_that_is(here, landing, backups, harm):
    landing.land(*days(2))
    night.load(here)
    (here.settings.home / "secrets" / "contact_key").write_text("key")
    backup = make_backup(here, backups)
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


def test_a_folder_without_a_manifest_or_with_half_of_one_is_no_backup(here, backups):
    backup = make_backup(here, backups)
    manifest = backup.folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])
    with pytest.raises(BackupError, match=r"manifest.json is damaged"):
        open_backup(backup.folder)
    manifest.unlink()
    with pytest.raises(BackupError, match="is no backup"):
        open_backup(backup.folder)


def test_only_its_owner_may_look_into_a_backup_and_no_password_is_in_it(here, backups):
    here.settings.contact_key.write_text("key")
    backup = make_backup(here, backups)
    assert backup.folder.stat().st_mode & 0o077 == 0
    assert [path.name for path in (backup.folder / "keys").iterdir()] == ["contact_key"]


def test_of_the_backups_the_newest_are_kept(here, backups):
    names = []
    for number in range(3):
        made = make_backup(here, backups).folder
        names.append(made.rename(made.with_name(f"2026110{number}T000000Z")).name)
    assert [path.name for path in remove_all_but(backups, 2)] == names[:1]
    assert [path.name for path in list_backups(backups)] == names[1:]
    assert len(list(backups.iterdir())) == 2


def test_what_retention_takes_from_the_landing_zone_stays_in_the_backup(here, landing, backups):
    landing.land(*days(2))
    night.load(here)
    backup = make_backup(here, backups)
    change(here, "update ops.landed_files set loaded_at = now() - interval '30 days'")
    prune(here.engine, here.settings)
    assert not list((landing.folder / "loaded").iterdir())
    open_backup(backup.folder)


# Interrupted, refused ----------------------------------------------------------------------------


def test_a_restore_that_was_killed_before_its_end_left_the_database_as_it_was(here, landing, backups):
    landing.land(*days(2))
    night.nightly(here, **QUIETLY)
    backup = make_backup(here, backups)
    landing.land(*days(3))
    night.nightly(here, **QUIETLY)
    before = contents(here)
    fail("restore:before_commit", restore_alone, here.settings, backup.folder)
    assert contents(here) == before
    # What psql was in the middle of ends with it.
    assert back(here, backup) == 1


@pytest.mark.parametrize("place", ["restore:committed", "restore:sorted"])
def test_a_restore_that_was_killed_is_finished_by_the_same_command(here, landing, backups, place):
    landing.land(*days(2))
    night.load(here)
    backup = make_backup(here, backups)
    with here.engine.begin() as connection:
        add_site(connection, "later")
    landing.land(*days(3), site="later")
    night.load(here)
    fail(place, restore_alone, here.settings, backup.folder)
    assert back(here, backup) == 1
    assert night.load(here).loaded == 1
    require_balance(here.engine)
    assert rows(here.engine, "select to_regnamespace('carried')") == [(None,)]


def test_a_dump_that_cannot_be_read_to_its_end_changes_nothing(here, landing, backups):
    landing.land(*days(2))
    night.nightly(here, **QUIETLY)
    backup = make_backup(here, backups)
    dump = backup.folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    before = contents(here)
    with pytest.raises(DumpError, match="the database is as it was"):
        restore(here.settings, backup)
    here.dispose()
    assert contents(here) == before
    assert rows(here.engine, "select to_regnamespace('carried')") == [(None,)]


def test_nothing_is_restored_under_a_running_collector(here, backups):
    backup = make_backup(here, backups)
    run = here.settings.home / "run"
    run.mkdir()
    with subprocess.Popen(["sleep", "60"]) as collector:
        created = psutil.Process(collector.pid).create_time()
        (run / "collector.json").write_text(json.dumps({"pid": collector.pid, "created": created}))
        with pytest.raises(RestoreError, match="still running: collector; footfall down"):
            require_fitting(here.settings, backup)
        collector.kill()
    require_fitting(here.settings, backup)


def test_a_backup_of_another_installation_or_of_newer_programs_is_refused(here, landing, backups, anew):
    here.settings.contact_key.write_text("key")
    backup = make_backup(here, backups)
    for wrong, why in (
        ({"schema_version": "9999"}, "update Footfall first"),
        ({"server_version": 990001}, "PostgreSQL 99"),
    ):
        changed = type(backup)(backup.folder, backup.manifest.__replace__(**wrong))
        with pytest.raises(RestoreError, match=why):
            require_fitting(here.settings, changed)
    with anew({"shop": "UTC"}, name=None) as elsewhere:
        elsewhere.settings.contact_key.write_text("another")
        with pytest.raises(RestoreError, match="of another installation"):
            require_fitting(elsewhere.settings, backup)


def test_a_backup_holds_what_is_acknowledged_and_not_sealed_yet(here, backups):
    Landing(here.settings.landing).land(*days(2))
    (sealed,) = (here.settings.landing / "sealed").glob("*.zst")
    left_open = here.settings.landing / "open" / "20261102T090000-dead-0123456789ab.ndjson"
    left_open.parent.mkdir(exist_ok=True)
    left_open.write_bytes(zstandard.ZstdDecompressor().stream_reader(sealed.read_bytes()).read())
    backup = make_backup(here, backups)
    assert sum(name.endswith(".zst") for name in backup.manifest.files) == 2
