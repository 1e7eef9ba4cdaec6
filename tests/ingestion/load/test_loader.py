"""Loading sealed segments: every line accounted for, every file once, whatever happens to file, row or process."""

import hashlib
import os
import re
import signal
from datetime import date

import msgspec
import psycopg
import pytest
import zstandard
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ingestion.landing.reader import sealed_segments
from ingestion.load import file_load, loader
from ingestion.load.loader import LoadRefused, load_sealed
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.ingestion.loads import counts, crafted, drop_by_hand, finish, reasons, spawn
from tests.support.ingestion.running_collector import wait_until
from warehouse.access.sites import add_site
from warehouse.postgres.locks import DEDUPLICATION

CLAIMS = """
    select 1
    from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
"""


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing")


@pytest.fixture
def load(engine, landing):
    """Load what is sealed; whatever happened, each file's lines and the whole zone's must add up."""
    with engine.begin() as connection:
        add_site(connection, "shop")
        add_site(connection, "blog")

    def load(processes=1):
        report = load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", processes)
        require_balance(engine)
        return report

    return load


def events_of(number, day="2026-11-10", **fields):
    return [event(f"{day} 08:{n // 60:02}:{n % 60:02}", event_id=f"{day}-{n}", **fields) for n in range(number)]


def unpacked(segment):
    return zstandard.ZstdDecompressor().decompressobj().decompress(segment.read_bytes())


# Files -------------------------------------------------------------------------------------------


def test_rows_ledger_and_dirty_days_say_the_same_of_a_file(engine, landing, load):
    landing.land(
        *events_of(3),
        *events_of(2, "2026-11-12"),
        {"event_name": "Not a name", "client_timestamp": "2026-11-10T08:00:00Z"},
    )
    report = load()
    assert (report.files, report.lines, report.loaded, report.rejected) == (1, 6, 5, 1)
    assert counts(engine) == (6, 5, 0, 1)
    assert rows(engine, "select event_date, cause from ops.dirty_days order by 1") == [
        (date(2026, 11, 10), "events_loaded"),
        (date(2026, 11, 12), "events_loaded"),
    ]
    assert not sealed_segments(landing.folder)
    (name,) = {path.name for path in (landing.folder / "loaded").glob("*.zst")}
    assert (landing.folder / "loaded" / f"{name}.json").exists()
    assert rows(
        engine,
        "select file_name, checksum = :checksum from ops.landed_files",
        checksum=hashlib.sha256(unpacked(landing.folder / "loaded" / name)).hexdigest(),
    ) == [(name, True)]


def test_the_same_file_under_another_name_changes_nothing(engine, landing, load):
    landing.land(*events_of(5))
    (segment,) = sealed_segments(landing.folder)
    content, manifest = segment.read_bytes(), segment.with_name(f"{segment.name}.json").read_bytes()
    load()
    before = rows(engine, "select * from ops.landed_files"), rows(engine, "select * from ops.dirty_days")
    copies = [segment, segment.with_name("another.ndjson.zst"), drop_by_hand(landing, unpacked_bytes(content), "third")]
    for copy in copies[:2]:
        copy.write_bytes(content)
        copy.with_name(f"{copy.name}.json").write_bytes(manifest)
    report = load()
    assert (report.files, report.seen_before, report.loaded) == (0, 3, 0)
    assert (rows(engine, "select * from ops.landed_files"), rows(engine, "select * from ops.dirty_days")) == before
    assert counts(engine) == (5, 5, 0, 0)
    assert not sealed_segments(landing.folder)


def unpacked_bytes(content):
    return zstandard.ZstdDecompressor().decompressobj().decompress(content)


def test_a_known_name_with_other_content_is_refused_loudly(engine, landing, load):
    landing.land(*events_of(2))
    (segment,) = sealed_segments(landing.folder)
    load()
    landing.land(*events_of(3, "2026-11-11"))
    (other,) = sealed_segments(landing.folder)
    other.rename(segment)
    other.with_name(f"{other.name}.json").rename(segment.with_name(f"{segment.name}.json"))
    report = load()
    with pytest.raises(LoadRefused, match="loaded before, with other content"):
        report.raise_for_refused()
    assert (landing.folder / "refused" / segment.name).exists()
    assert counts(engine) == (2, 2, 0, 0)


def test_other_content_under_the_manifest_of_a_loaded_file_is_refused_and_the_archive_keeps_its_copy(
    engine, landing, load
):
    landing.land(*events_of(2))
    (segment,) = sealed_segments(landing.folder)
    content, manifest = segment.read_bytes(), segment.with_name(f"{segment.name}.json")
    sealed = manifest.read_bytes()
    load()
    segment.write_bytes(zstandard.compress(unpacked_bytes(content).replace(b"shop.example", b"shoq.example")))
    manifest.write_bytes(sealed)
    assert len(load().refused) == 1
    assert (landing.folder / "loaded" / segment.name).read_bytes() == content
    assert (landing.folder / "refused" / segment.name).exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: zstandard.compress(unpacked_bytes(content).replace(b"d1", b"d2", 1)),
        lambda content: zstandard.compress(unpacked_bytes(content)[:-20]),
        lambda content: zstandard.compress(unpacked_bytes(content) * 2),
        lambda content: content[:40] + bytes(byte ^ 0xFF for byte in content[40:60]) + content[60:],
        lambda content: b"no zstd at all",
    ],
    ids=["truncated", "emptied", "altered", "torn", "doubled", "corrupt", "no zstd"],
)
def test_a_segment_that_is_not_what_was_sealed_is_refused_and_the_others_load(engine, landing, load, spoil):
    landing.land(*events_of(50))
    (segment,) = sealed_segments(landing.folder)
    segment.write_bytes(spoil(segment.read_bytes()))
    landing.land(*events_of(4, "2026-11-11"))
    report = load()
    with pytest.raises(LoadRefused, match=segment.name):
        report.raise_for_refused()
    assert counts(engine) == (4, 4, 0, 0)
    assert {path.name for path in (landing.folder / "refused").iterdir()} == {segment.name, f"{segment.name}.json"}
    assert rows(engine, "select file_name, loaded_count from ops.landed_files where state = 'refused'") == [
        (segment.name, 0)
    ]
    assert load().refused == []


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[1]", b'{"line_count": "many"}', b"\xff\xfe"])
def test_a_manifest_that_is_none_is_refused(engine, landing, load, manifest):
    landing.land(*events_of(2))
    (segment,) = sealed_segments(landing.folder)
    segment.with_name(f"{segment.name}.json").write_bytes(manifest)
    assert "manifest" in load().refused[0]
    assert counts(engine) == (0, 0, 0, 0)


def test_a_segment_put_there_by_hand_loads(engine, landing, load):
    drop_by_hand(landing, crafted())
    assert load().loaded == 1
    assert rows(engine, "select event_id, anonymous_id from raw.events") == [("crafted", "d9")]


def test_of_a_torn_segment_the_whole_lines_load_and_the_tail_is_rejected_once_with_its_offset(engine, landing, load):
    line = crafted()
    drop_by_hand(landing, line + line[:30])
    load()
    assert counts(engine) == (2, 1, 0, 1)
    assert rows(engine, "select reason, line_number, byte_offset, payload from raw.rejects") == [
        ("torn_tail", 2, len(line), line[:30].decode())
    ]


def test_of_a_segment_that_cannot_be_unpacked_to_its_end_the_whole_lines_load(engine, landing, load):
    line = crafted(page_title="TITLE")
    named = (
        line.replace(b"crafted", b"e%d" % n).replace(b"TITLE", os.urandom(200).hex().encode()) for n in range(6_000)
    )
    path = drop_by_hand(landing, b"".join(named))
    content = bytearray(path.read_bytes())
    content[-3000:-2000] = os.urandom(1000)
    path.write_bytes(content)
    report = load()
    assert report.rejected == 1
    assert 1000 < report.loaded < 6_000
    assert reasons(engine) == ["corrupt_segment"]


def test_an_empty_segment_is_an_entry_without_rows(engine, landing, load):
    drop_by_hand(landing, b"")
    load()
    assert rows(engine, "select line_count, state from ops.landed_files") == [(0, "loaded")]
    assert rows(engine, "select count(*) from ops.dirty_days") == [(0,)]


def test_lines_that_are_no_events_are_rejected_one_by_one(engine, landing, load):
    line = crafted()
    drop_by_hand(
        landing,
        line
        + b"\n"
        + b"nonsense\n"
        + b"\xff\xfe\n"
        + b"[" * 100_000
        + b"\n"
        + b'{"kind": "event"}\n'
        + line.replace(b"crafted", b"another"),
    )
    load()
    assert counts(engine) == (7, 2, 0, 5)
    assert reasons(engine) == ["corrupt_line"] * 5


def test_a_line_of_an_unknown_site_is_rejected(engine, landing, load):
    landing.land(*events_of(2), site="gone")
    load()
    assert rows(engine, "select reason, site_id, count(*) from raw.rejects group by 1, 2") == [
        ("unknown_site", "gone", 2)
    ]


def test_what_the_collector_rejected_lands_among_the_rejects(engine, landing, load):
    landing.land(event("2026-11-10 08:00", event_name="Not a name"), event("2026-11-10 08:00", anonymous_id=None))
    load()
    assert rows(engine, "select reason, field, site_id from raw.rejects order by line_number") == [
        ("invalid_field", "event_name", "shop"),
        ("missing_identity", "anonymous_id", "shop"),
    ]


# Poisoned rows -----------------------------------------------------------------------------------

POISON = {
    "a screen beyond int4": {"screen_width": 2**31},
    "a NUL in properties": {"properties": {"name": "a\0b"}},
    "a NUL in a title": {"page_title": "a\0b"},
    "a number beyond numeric": {"properties": msgspec.Raw(b'{"amount": 1e200000}')},
    "no address": {"ip": "300.1.2.3"},
    "no person": {"anonymous_id": ...},
    "the year 1": {"occurred_at": "0001-01-01T00:00:00Z"},
    "the year 9999": {"occurred_at": "9999-12-31T23:59:59Z"},
    "no zone": {"occurred_at": "2026-11-10T08:00:00"},
    "receipt without zone": {"received_at": "2026-11-10T08:00:00"},
    "a NUL in the site": {"site_id": "sh\0op"},
    "a NUL in the user agent": {"user_agent": "Mozilla\0"},
    "a NUL in a reject": {"kind": "reject", "reason": "a\0b", "payload": "\0"},
}


@pytest.mark.parametrize("poison", POISON)
def test_a_poisoned_row_costs_itself_only(engine, landing, load, poison):
    lines = [crafted(event_id=f"e{n}") for n in range(20)]
    lines[7] = crafted(**POISON[poison])
    drop_by_hand(landing, b"".join(lines))
    load()
    assert counts(engine) == (20, 19, 0, 1)
    assert rows(engine, "select line_number, byte_offset from raw.rejects") == [(8, sum(map(len, lines[:7])))]


def test_properties_that_are_no_text_cost_their_row_only(engine, landing, load):
    line = crafted(properties={"name": "PLACE"})
    drop_by_hand(landing, line.replace(b"PLACE", b"\xff") + line)
    load()
    assert counts(engine) == (2, 1, 0, 1)


def test_a_row_refused_by_the_database_keeps_its_line_and_site(engine, landing, load):
    line = crafted(screen_width=2**31)
    drop_by_hand(landing, line)
    load()
    ((reason, why, site, payload),) = rows(engine, "select reason, field, site_id, payload from raw.rejects")
    assert (reason, site, payload) == ("refused_by_database", "shop", line.decode().rstrip("\n"))
    assert "out of range for type integer" in why


def test_poisoned_rows_in_several_chunks_cost_themselves_only(engine, landing, load, monkeypatch):
    monkeypatch.setattr(file_load, "CHUNK_LINES", 10)
    lines = [crafted(event_id=f"e{n}", screen_width=2**31 if n % 9 == 0 else 100) for n in range(45)]
    drop_by_hand(landing, b"".join(lines))
    load()
    assert counts(engine) == (45, 40, 0, 5)
    assert rows(engine, "select line_number from raw.rejects order by 1") == [(1,), (10,), (19,), (28,), (37,)]


def test_new_shapes_of_properties_and_unknown_events_load_as_they_are(engine, landing, load):
    landing.land(
        event("2026-11-10 08:00", event_id="a", name="never_heard_of", properties={"rating": "five"}),
        event(
            "2026-11-10 08:01", event_id="b", name="feedback_given", properties={"rating": 5, "new": [1, {"x": None}]}
        ),
        event("2026-11-10 08:02", event_id="c", name="feedback_given"),
    )
    load()
    assert rows(engine, "select event_id, properties from raw.events order by 1") == [
        ("a", {"rating": "five"}),
        ("b", {"rating": 5, "new": [1, {"x": None}]}),
        ("c", {}),
    ]


def test_text_comes_back_byte_for_byte(engine, landing, load):
    title = "\u202ertl \u200b 👩‍👩‍👧 \\N \\. \t'; drop table raw.events; -- {{ jinja }} ${jndi:x} %s %(x)s"
    landing.land(event("2026-11-10 08:00", page_title=title, properties={title: title}))
    load()
    assert rows(engine, "select page_title, properties from raw.events") == [(title, {title: title})]


# Processes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("point", "loaded_by_the_dead"), [("load:before_commit", 0), ("load:tidying", 40)])
def test_a_loader_killed_on_the_way_loads_every_line_once(engine, landing, load, point, loaded_by_the_dead):
    landing.land(*events_of(40), *events_of(1)[:1])
    status, _ = finish(spawn(engine, landing, FOOTFALL_FAIL_AT=point))
    assert status == -signal.SIGKILL
    # Its claim ends with its connection, which PostgreSQL closes a moment later. A night's load waits for that, too.
    wait_until(lambda: not rows(engine, CLAIMS))
    assert rows(engine, "select count(*) from raw.events") == [(loaded_by_the_dead,)]
    assert len(sealed_segments(landing.folder)) == 1
    load()
    assert counts(engine) == (41, 40, 1, 0)
    assert rows(engine, "select count(*) from raw.events") == [(40,)]
    assert rows(engine, "select count(*) from ops.dirty_days") == [(1,)]
    assert not sealed_segments(landing.folder)


def test_two_loaders_at_once_load_every_file_once(engine, landing, load):
    for n in range(60):
        landing.land(*events_of(3, f"2026-11-{n % 28 + 1:02}"), event("2026-11-10 09:00", event_id=f"own-{n}"))
    loaders = [spawn(engine, landing), spawn(engine, landing)]
    assert [finish(process) for process in loaders] == [(0, ""), (0, "")]
    load()
    assert counts(engine) == (240, 28 * 3 + 60, 240 - 28 * 3 - 60, 0)
    assert rows(engine, "select count(*), count(distinct event_id) from raw.events") == [(144, 144)]
    assert len(list((landing.folder / "loaded").glob("*.zst"))) == 60
    assert not sealed_segments(landing.folder)


def test_the_same_content_under_two_names_at_once_loads_once(engine, landing, load):
    line = crafted()
    drop_by_hand(landing, line, "one")
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as blocker:
        blocker.execute("select pg_advisory_xact_lock(%s)", [DEDUPLICATION])
        first = spawn(engine, landing)
        wait_for_waiters(engine, 1)
        drop_by_hand(landing, line, "two")
        second = spawn(engine, landing)
        wait_for_waiters(engine, 2)
    # On a busy machine one may have waited long enough to say so.
    finished = [finish(process) for process in (first, second)]
    assert [(code, re.sub(r"(?m)^waiting since .* for lock 7003: .*\n", "", said)) for code, said in finished] == [
        (0, ""),
        (0, ""),
    ]
    assert counts(engine) == (1, 1, 0, 0)
    assert not sealed_segments(landing.folder)


def test_a_loader_that_lost_its_connection_cannot_commit(engine, landing, load):
    landing.land(*events_of(10))
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as blocker:
        blocker.execute("select pg_advisory_xact_lock(%s)", [DEDUPLICATION])
        sleeper = spawn(engine, landing)
        wait_for_waiters(engine, 1)
        os.kill(sleeper.pid, signal.SIGSTOP)
        rows(engine, "select pg_terminate_backend(pid, 9000) from pg_locks where locktype = 'advisory' and not granted")
    load()
    os.kill(sleeper.pid, signal.SIGCONT)
    status, _ = finish(sleeper)
    assert status != 0
    assert counts(engine) == (10, 10, 0, 0)
    require_balance(engine)


def wait_for_waiters(engine, number):
    waiting = "select pg_sleep(0.02), count(*) from pg_locks where locktype = 'advisory' and not granted"
    for _ in range(1000):
        if rows(engine, waiting)[0][1] == number:
            return
    raise AssertionError(f"{number} loaders never waited")


def test_a_file_another_loader_has_in_hand_is_left_to_it(engine, landing, load):
    landing.land(*events_of(10))
    (segment,) = sealed_segments(landing.folder)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": segment.name})
        assert load().files == 0
    assert load().files == 1


def test_a_loader_whose_server_goes_away_leaves_nothing_half_done_and_catches_up(engine, landing, load, monkeypatch):
    landing.land(*events_of(10))

    def lose_the_server(*_):
        rows(
            engine,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        )

    with monkeypatch.context() as patch:
        patch.setattr(file_load.user_agents, "store", lose_the_server)
        with pytest.raises(OperationalError):
            load()
    engine.dispose()
    assert counts(engine) == (0, 0, 0, 0)
    load()
    assert counts(engine) == (10, 10, 0, 0)


def test_several_processes_load_as_one_does(engine, landing, load, monkeypatch):
    monkeypatch.setattr(loader, "WORTH_A_PROCESS_BYTES", 0)
    for n in range(6):
        landing.land(*events_of(20), event("2026-11-11 09:00", event_id=f"own-{n}"))
    report = load(processes=2)
    assert (report.files, report.lines) == (6, 126)
    # Whichever file was loaded first: the ledger is corrected where a later one brought the copy that counts.
    assert counts(engine) == (126, 26, 100, 0)


def test_hundreds_of_tiny_segments_load_with_few_connections_and_files_open(engine, landing, load):
    for n in range(300):
        drop_by_hand(landing, crafted(event_id=f"tiny-{n}"), f"tiny-{n}")
    connections = "select count(*) from pg_stat_activity where datname = current_database()"
    before = len(os.listdir("/proc/self/fd"))
    assert load().files == 300
    assert counts(engine) == (300, 300, 0, 0)
    assert len(os.listdir("/proc/self/fd")) <= before + 3
    assert rows(engine, connections)[0][0] <= 3


def test_no_more_files_are_loaded_than_asked_for(engine, landing, load):
    for n in range(3):
        landing.land(event("2026-11-10 08:00", event_id=f"e{n}"))
    assert load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", 1, most_files=2).files == 2
    assert load().files == 1


# Days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Kathmandu", "2026-11-09 18:14:59.999999", date(2026, 11, 9)),
        ("Asia/Kathmandu", "2026-11-09 18:15", date(2026, 11, 10)),
        ("America/New_York", "2026-11-10 04:59:59.999999", date(2026, 11, 9)),
        ("America/New_York", "2026-11-10 05:00", date(2026, 11, 10)),
        ("America/New_York", "2026-03-08 05:00", date(2026, 3, 8)),
        ("America/New_York", "2026-03-09 03:59:59.999999", date(2026, 3, 8)),
        ("America/New_York", "2026-03-09 04:00", date(2026, 3, 9)),
        ("America/New_York", "2026-11-01 04:00", date(2026, 11, 1)),
        ("America/New_York", "2026-11-02 04:59:59.999999", date(2026, 11, 1)),
        ("America/New_York", "2026-11-02 05:00", date(2026, 11, 2)),
    ],
)
def test_a_day_is_the_sites_own_also_when_it_has_23_or_25_hours(engine, landing, load, zone, moment, day):
    with engine.begin() as connection:
        add_site(connection, "far", zone)
    landing.land(event(moment), site="far")
    load()
    assert rows(engine, "select event_date, tableoid::regclass::text from raw.events") == [
        (day, f"raw.events_{day:%Y%m%d}")
    ]
    assert rows(engine, "select event_date from ops.dirty_days") == [(day,)]
    # The database agrees with Python about where the day begins.
    assert rows(engine, "select (occurred_at at time zone :zone)::date from raw.events", zone=zone) == [(day,)]


def test_an_event_for_a_sealed_day_is_too_old_and_makes_neither_partition_nor_mark(engine, landing, load):
    with engine.begin() as connection:
        connection.execute(text("insert into ops.frozen_days (event_date) values ('2026-11-10')"))
    landing.land(*events_of(2), *events_of(3, "2026-11-11"))
    load()
    assert counts(engine) == (5, 3, 0, 2)
    assert reasons(engine) == ["too_old", "too_old"]
    assert rows(engine, "select event_date from ops.dirty_days") == [(date(2026, 11, 11),)]
    assert rows(engine, "select to_regclass('raw.events_20261110')") == [(None,)]
