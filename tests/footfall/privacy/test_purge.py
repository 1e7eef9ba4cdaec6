"""After a purge no file of the database holds a byte of an erased person; who reads meanwhile waits, and stops nothing."""

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from footfall.privacy import requests as privacy
from footfall.privacy.purge import is_due, purge
from footfall.stack.stack import prepare_database
from runtime.settings import Settings
from tests.support.database import administer, rows
from tests.support.events import Landing, event
from tests.support.faults.failing import fail
from tests.support.installation import contents, with_settings
from tests.support.people import AGENT, MARK, USER, others, persons, rejected
from warehouse.access.sites import add_site
from warehouse.postgres.database import embedded_server
from warehouse.privacy.person import Subject

QUIETLY = {"say": lambda line: None}
AT_ONCE = {"rounds": 1, "pause_seconds": 0.0}


def erase(installation, user=USER):
    return privacy.carry_out(
        installation, privacy.request(installation, "erase", Subject("shop", "user", user)), **QUIETLY
    )


def receipts(installation):
    return [
        receipt
        for (receipt,) in rows(
            installation.engine,
            "select receipt from ops.privacy_requests where action = 'erase' order by request_id",
        )
    ]


# Files -------------------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path):
    """An installation with an embedded server, whose files no other test writes to, and whose log is not compressed."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    settings = Settings(home=home, postgres_port=0, segment_seconds=0.5)
    server = embedded_server(settings)
    server.start()
    try:
        changes = ("wal_compression", "fsync")
        administer(server.url, *(f"alter system set {name} = off" for name in changes), "select pg_reload_conf()")
        prepare_database(settings)
        with open_installation(settings) as installation:
            with installation.engine.begin() as connection:
                add_site(connection, "shop", "UTC")
            yield installation
    finally:
        server.stop()


def kinds_of_files(installation, *texts):
    """What holds one of the texts on disk: tables, indexes, other files."""
    data = embedded_server(installation.settings).data
    names = dict(
        rows(
            installation.engine,
            "select pg_relation_filepath(oid), case relkind when 'i' then 'index' else oid::regclass::text end"
            " from pg_class where pg_relation_filepath(oid) is not null",
        )
    )
    found = set()
    for path in (path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if any(each.encode() in content for each in texts):
            relative = str(path.relative_to(data))
            found.add(names.get(relative.partition(".")[0], "pg_wal" if relative.startswith("pg_wal") else relative))
    return found


@pytest.mark.nights
def test_after_a_purge_no_file_of_the_server_holds_what_names_the_person(own_server):
    """Acts: the person everywhere, an erasure and a checkpoint, a purge, another erasure and purge."""
    landing = Landing(own_server.settings.landing)
    contact = {"email": "bea@example.org", "phone": "+49 30 1111111", "name": "Bea"}
    landing.land(*persons(), *others(), event("2026-11-03 10:05", "bea's", "user_identified", properties=contact))
    landing.land(*rejected(), user_agent=AGENT)
    night.nightly(own_server, **QUIETLY)
    given = (MARK, f"{MARK}@example.org", "7777777", f"{MARK} Name", "203.0.113.77")
    assert erase(own_server).bytes_gone_at is None
    administer(own_server.engine.url, "checkpoint")
    before = kinds_of_files(own_server, *given)
    assert before >= {"pg_wal", "index"}
    assert any(each.startswith("marts.") for each in before)
    assert any(each.startswith(("raw.", "ops.")) for each in before)
    others_rows = contents(own_server)
    purged = purge(own_server, **QUIETLY)
    assert purged.left == []
    assert kinds_of_files(own_server, *given) == set()
    assert contents(own_server) == others_rows
    (receipt,) = receipts(own_server)
    assert receipt["unreadable_at"] < receipt["bytes_gone_at"]
    assert rows(own_server.engine, "select * from ops.erased_relations") == []
    # The settings of the server are as they were.
    assert rows(own_server.engine, "select setting from pg_settings where name = 'wal_recycle'") == [("on",)]
    assert purge(own_server, **QUIETLY).seconds == {}
    erase(own_server, "bea")
    purge(own_server, **QUIETLY)
    assert kinds_of_files(own_server, "bea@example.org", "bea's") == set()


# Readers -----------------------------------------------------------------------------------------


def erase_after_a_night(installation):
    Landing(installation.settings.landing).land(*persons(), *others())
    night.nightly(installation, **QUIETLY)
    erase(installation)


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, erase_after_a_night) as copies:
        yield copies


@pytest.fixture
def erased(copies):
    """An installation where a person was erased who was published, and nothing is purged yet."""
    with copies() as installation:
        yield installation


@contextmanager
def reading(installation, query, isolation="READ COMMITTED"):
    with installation.engine.connect().execution_options(isolation_level=isolation) as connection:
        connection.execute(text(query))
        yield


def test_a_reader_that_holds_a_table_open_costs_that_table_only_and_is_named(erased):
    """Acts: a reader of one table, a purge, the next one without the reader."""
    with reading(erased, "select count(*) from marts.sessions"):
        purged = purge(erased, **QUIETLY, **AT_ONCE)
    left, statistics = purged.left
    assert statistics == "pg_catalog.pg_statistic: comes after all tables"
    assert left.startswith("marts.sessions: in use by ")
    assert "pid" in left
    assert "marts.visitors" in purged.seconds
    assert purged.requests == 0
    assert [(receipt["bytes_gone_at"], receipt["bytes_left"]) for receipt in receipts(erased)] == [(None, purged.left)]
    again = purge(erased, **QUIETLY, **AT_ONCE)
    assert (again.left, again.requests) == ([], 1)
    assert list(again.seconds) == ["marts.sessions", "pg_catalog.pg_statistic"]
    assert receipts(erased)[0]["bytes_gone_at"]


def test_a_snapshot_from_before_the_erasure_is_named_because_it_still_needs_the_rows(installation, landing):
    landing.land(*persons(), *others())
    night.nightly(installation, **QUIETLY)
    with reading(installation, "select 1", "REPEATABLE READ"):
        erase(installation)
        purged = purge(installation, **QUIETLY, **AT_ONCE)
        assert purged.seconds == {}
        assert purged.left[-1] == "pg_catalog.pg_statistic: comes after all tables"
        assert all("older transactions may still read its deleted rows" in each for each in purged.left[:-1])
    assert purge(installation, **QUIETLY, **AT_ONCE).left == []


def test_readers_wait_for_a_table_only_while_it_is_written(erased, size):
    """Small tables in `make test`; in `make proof` as many sessions as a site of some size has in a year."""
    with erased.engine.begin() as connection:
        columns = [
            name
            for (name,) in rows(
                erased.engine,
                "select attname from pg_attribute where attrelid = 'marts.sessions'::regclass and attnum > 0",
            )
        ]
        changed = {"session_id": "s.session_id || n", "event_date": "date '2026-10-01' + mod(n, 28)"}
        values = ", ".join(changed.get(name, f"s.{name}") for name in columns)
        connection.exec_driver_sql(
            f"insert into marts.sessions select {values} from marts.sessions s, generate_series(1, {size(1_000, 60_000)}) n"
            " where s.user_id is distinct from '" + USER + "'"
        )
    waits, ended = [0.0], threading.Event()

    def read():
        with erased.engine.connect() as connection:
            while not ended.is_set():
                started = time.monotonic()
                connection.execute(text("select * from marts.sessions limit 1"))
                connection.commit()
                waits.append(time.monotonic() - started)
                time.sleep(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    purged = purge(erased, **QUIETLY)
    ended.set()
    reader.join()
    assert purged.left == []
    ((count, bytes_),) = rows(
        erased.engine, "select count(*), pg_total_relation_size('marts.sessions') from marts.sessions"
    )
    print(
        f"{count:,} sessions, {bytes_:,} bytes: {purged.seconds['marts.sessions']:.2f} s, longest wait {max(waits):.2f} s"
    )
    assert count > size(1_000, 60_000)
    assert max(waits) < purged.seconds["marts.sessions"] + 2
    assert len(waits) > 10


# When --------------------------------------------------------------------------------------------


def test_a_night_purges_for_all_erasures_together_while_there_are_nights_left(installation, landing):
    landing.land(*persons(), *others())
    night.load(installation)
    assert not is_due(with_settings(installation, erasure_days=0))
    erase(installation)
    assert is_due(with_settings(installation, erasure_days=2))
    assert not is_due(with_settings(installation, erasure_days=7))
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update ops.erased_relations set erased_at = erased_at - interval '5 days'")
    assert is_due(with_settings(installation, erasure_days=7))
    purge(installation, **QUIETLY)
    assert not is_due(with_settings(installation, erasure_days=0))


def test_while_figures_still_count_the_person_the_bytes_are_not_gone(erased):
    """Acts: a day that is still to be built again, a purge; the day built, a purge."""
    with erased.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', '2026-11-02', 'erasure')"
        )
    assert purge(erased, **QUIETLY).left == ["marts: 1 days are still to be built again"]
    night.nightly(erased, **QUIETLY)
    again = purge(erased, **QUIETLY)
    assert again.left == []
    assert list(again.seconds)[-1] == "pg_catalog.pg_statistic"
    assert all(name.startswith("marts.") for name in list(again.seconds)[:-1])


def purge_alone(settings):
    with open_installation(settings) as installation:
        purge(installation, **QUIETLY)


@pytest.mark.parametrize("place", ["purge:table", "purge:rewritten"])
def test_a_purge_that_was_killed_is_finished_by_the_next(erased, place):
    fail(place, purge_alone, erased.settings)
    assert receipts(erased)[0]["bytes_gone_at"] is None
    assert purge(erased, **QUIETLY).requests == 1
    assert datetime.fromisoformat(receipts(erased)[0]["bytes_gone_at"]) <= datetime.now(UTC)
