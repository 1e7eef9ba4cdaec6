"""One event counts once: which copy stays does not depend on files, loads or order."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import msgspec
import pytest
from sqlalchemy import create_engine

from ingestion.collector.cookieless import Devices
from ingestion.event.reception import Reception
from ingestion.event.validate import encode_lines, validate
from ingestion.landing.writer import SegmentWriter
from ingestion.load.duplicates import MAX_PAYLOAD
from ingestion.load.loader import load_sealed
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.ingestion.loads import counts
from warehouse.access.sites import add_site

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def load(engine, tmp_path):
    """Load batches, each a segment and a load of its own."""
    with engine.begin() as connection:
        add_site(connection, "shop")
        add_site(connection, "blog")
    landing = Landing(tmp_path / "landing")

    def load(*batches, site="shop"):
        for batch in batches:
            landing.land(*batch, site=site)
            load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", 1).raise_for_refused()
            require_balance(engine)

    return load


def said(title, received_at=NOON, at=NOON, event_id="one"):
    return event(at, event_id=event_id, page_title=title, received_at=received_at)


def per_file(engine):
    return rows(engine, "select loaded_count, duplicate_count, rejected_count from ops.landed_files order by file_id")


def test_the_same_content_twice_in_a_file_is_one_event_and_a_duplicate(engine, load):
    load([said("a"), said("a", NOON + MINUTE)])
    assert counts(engine) == (2, 1, 1, 0)
    assert rows(engine, "select received_at from raw.events") == [(NOON,)]


def test_the_same_id_with_other_content_is_a_conflict(engine, load):
    load([said("a"), said("b", NOON + MINUTE)])
    assert counts(engine) == (2, 1, 0, 1)
    ((reason, field, payload),) = rows(engine, "select reason, field, payload::jsonb from raw.rejects")
    assert (reason, field, payload["page_title"]) == ("id_conflict", "event_id", "b")
    assert rows(engine, "select page_title from raw.events") == [("a",)]


@pytest.mark.parametrize("field", [{"page_view_id": "v2"}, {"language": "fr"}, {"sequence": 2}, {"page_view_id": None}])
def test_another_page_view_language_or_count_is_a_conflict(engine, load, field):
    first = said("a") | {"page_view_id": "v1", "language": "de", "sequence": 1}
    load([first, first | field | {"received_at": NOON + MINUTE}])
    assert counts(engine) == (2, 1, 0, 1)


def test_a_place_in_a_batch_is_no_count_of_the_client(engine, load):
    load([said("a") | {"sequence": 1}, said("a", NOON + MINUTE)])
    assert counts(engine) == (2, 1, 1, 0)


def test_events_without_ids_that_were_loaded_before_a_version_knew_whose_count_it_is_add_nothing(engine, load):
    bare = {name: value for name, value in said("a").items() if name != "event_id"}
    events = [bare, bare | {"sequence": 7}]
    load(events)
    with engine.begin() as connection:
        connection.exec_driver_sql("update raw.events set is_counted = null")
    load([each | {"received_at": NOON + MINUTE} for each in events])
    assert per_file(engine) == [(2, 0, 0), (0, 2, 0)]


def test_an_id_on_another_site_is_another_event(engine, load):
    load([said("a")])
    load([said("a")], site="blog")
    assert counts(engine) == (2, 2, 0, 0)


def test_a_resent_file_marks_no_day_dirty(engine, load):
    load([said("a")])
    rows_before = rows(engine, "select mark_id from ops.dirty_days")
    load([said("a", NOON + MINUTE)])
    assert per_file(engine) == [(1, 0, 0), (0, 1, 0)]
    assert rows(engine, "select mark_id from ops.dirty_days") == rows_before


@pytest.mark.parametrize(("title", "corrected"), [("b", (0, 1, 0)), ("a", (0, 0, 1))])
def test_a_later_file_with_the_first_received_copy_wins_and_corrects_the_earlier_file(engine, load, title, corrected):
    load([said("b", NOON + MINUTE)])
    load([said(title, NOON)])
    assert rows(engine, "select page_title, received_at from raw.events") == [(title, NOON)]
    assert per_file(engine) == [corrected, (1, 0, 0)]
    assert ("earlier_copy",) in rows(engine, "select cause from ops.dirty_days")


def test_a_copy_that_moves_an_event_over_midnight_marks_both_days_dirty(engine, load):
    midnight = datetime(2026, 11, 11, tzinfo=UTC)
    load([said("a", midnight + 2 * MINUTE, at=midnight + MINUTE)])
    clear = create_engine(engine.url)
    with clear.begin() as connection:
        connection.exec_driver_sql("delete from ops.dirty_days")
    clear.dispose()
    load([said("a", midnight + MINUTE, at=midnight - MINUTE)])
    assert rows(engine, "select event_date from raw.events") == [(date(2026, 11, 10),)]
    assert rows(engine, "select event_date, cause from ops.dirty_days order by 1") == [
        (date(2026, 11, 10), "events_loaded"),
        (date(2026, 11, 11), "earlier_copy"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_every_order_of_loading_leaves_the_same_copy(engine, load, order):
    copies = [said("a", NOON), said("a", NOON + MINUTE), said("b", NOON + 2 * MINUTE)]
    load(*[[copies[n]] for n in order])
    assert rows(engine, "select page_title, received_at from raw.events") == [("a", NOON)]
    assert counts(engine)[1:] == (1, 1, 1)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_copies_on_days_that_follow_each_other_the_first_received_stays_in_every_order(engine, load, order):
    days = [NOON + n * timedelta(days=1) for n in range(4)]
    copies = [said("a", days[3] - n * MINUTE, at=days[n]) for n in range(4)]
    load(*[[copies[n]] for n in order])
    assert rows(engine, "select event_date, received_at from raw.events") == [(days[3].date(), days[3] - 3 * MINUTE)]


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_copies_received_at_one_instant_leave_the_same_content_in_every_order(engine, load, order):
    copies = [said("a"), said("b")]
    load(*[[copies[n]] for n in order])
    assert rows(engine, "select page_title from raw.events") == [("a",)]


def test_an_id_used_again_days_later_is_another_event(engine, load):
    load([said("a", NOON, at=NOON), said("a", NOON + timedelta(days=2), at=NOON + timedelta(days=2))])
    assert counts(engine) == (2, 2, 0, 0)


def test_an_id_used_again_days_later_counts_once_there_too(engine, load):
    later = NOON + timedelta(days=2)
    load([said("a"), said("a", later, at=later), said("a", later + MINUTE, at=later)])
    assert counts(engine) == (3, 2, 1, 0)


def test_ten_thousand_copies_of_one_event_count_once(engine, load):
    copies = [said("a", NOON + n * timedelta(milliseconds=1)) for n in range(10_000)]
    started = time.monotonic()
    load(copies)
    assert time.monotonic() - started < 8, "looking for copies must not take the square of their number"
    assert counts(engine) == (10_000, 1, 9_999, 0)


@pytest.mark.parametrize(
    ("first", "second", "conflicts"),
    [
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}, 0),
        ({"a": 1}, {"a": 1.0}, 1),
        ({"a": 1}, {"a": "1"}, 1),
        ({"a": None}, {}, 1),
        ({"a": [1, 2]}, {"a": [2, 1]}, 1),
    ],
)
def test_properties_are_compared_as_they_are_stored(engine, load, first, second, conflicts):
    load([said("a") | {"properties": first}, said("a", NOON + MINUTE) | {"properties": second}])
    assert counts(engine) == (2, 1, 1 - conflicts, conflicts)


@pytest.mark.parametrize("number", ["1e308", "-1e308", "1e-300"])
def test_conflicts_of_numbers_that_are_long_as_texts_cost_a_moment_and_are_cut(engine, load, number):
    """As a text each of these events has 300 KB to 400 KB. 880 such conflicts add 1.5 s to a load; as texts they took minutes."""
    properties = msgspec.Raw(f'{{"n":[{",".join([number] * 1_000)}]}}'.encode())
    copies = [
        said(f"copy {copy}", NOON + copy * MINUTE, event_id=f"e{n}") | {"user_id": "ann", "properties": properties}
        for n in range(100)
        for copy in range(2)
    ]
    started = time.monotonic()
    load(copies)
    assert time.monotonic() - started < 5
    assert counts(engine) == (200, 100, 0, 100)
    ((longest, names_ann),) = rows(
        engine, 'select max(length(payload)), bool_and(payload like \'%"user_id":"ann"%\') from raw.rejects'
    )
    assert (longest, names_ann) == (MAX_PAYLOAD, True)


def test_a_cookieless_event_sent_again_is_a_duplicate_whatever_device_it_then_has(engine, load):
    """Acts: in every order, copies by way of another network in the same instant, and after the day's key is gone."""
    for order in permutations(enumerate((NOON, NOON, NOON + MINUTE))):
        copies = [
            said("a", received_at, event_id="".join(str(n) for n, _ in order))
            | {"anonymous_id": f"cookieless:{n}", "page_view_id": f"of {n}"}
            for n, received_at in order
        ]
        load(*([copy] for copy in copies), copies[:1])
    kept = rows(engine, "select anonymous_id, received_at from raw.events")
    assert kept == [("cookieless:0", NOON)] * 6
    assert rows(engine, "select count(*) from raw.rejects") == [(0,)]


@pytest.mark.parametrize("files", [("0", "1", "2", "01"), ("2", "1", "0", "12"), ("02", "21", "10")])
def test_what_a_cookieless_site_received_loads_the_same_twice_late_and_out_of_order_and_without_a_key(
    engine, load, tmp_path, files
):
    """Acts: events without any id at an evening; at midnight one again and a new one; late the other again and one more."""
    evening, morning = date(2026, 11, 10), date(2026, 11, 11)
    keys = {evening: b"of the evening", morning: b"of the morning"}
    midnight = datetime(2026, 11, 11, tzinfo=UTC)

    def receive(after, days, *events):
        now = midnight + after
        for address, at in events:
            devices = Devices("shop", UTC, max(days), {day: keys[day] for day in days}, address)
            received = {"client_timestamp": (midnight + at).isoformat(), "event_name": "page_viewed"}
            reception = Reception("shop", now, "test", find_device=devices.find)
            yield validate(msgspec.json.encode(received), reception, 1)

    batches = [
        [*receive(-MINUTE, [evening], ("::1", -9 * MINUTE), ("203.0.113.9", -8 * MINUTE))],
        [*receive(MINUTE, [morning, evening], ("::1", -9 * MINUTE), ("::1", MINUTE))],
        [*receive(600 * MINUTE, [morning], ("203.0.113.9", -8 * MINUTE), ("::1", -7 * MINUTE))],
    ]
    for numbers in files:
        with SegmentWriter(tmp_path / "landing", "test") as writer:
            writer.append(b"".join(encode_lines(batches[int(number)]) for number in numbers))
        load([])
    (first, other), (again, new), (resent, late) = batches
    assert again.anonymous_id == first.anonymous_id
    assert resent.anonymous_id != other.anonymous_id
    kept = rows(engine, "select event_id, anonymous_id, received_at, event_date from raw.events order by occurred_at")
    assert kept == [
        (event.event_id, event.anonymous_id, event.received_at, event.occurred_at.date())
        for event in (first, other, late, new)
    ]
    line_count = 2 * len("".join(files))
    assert counts(engine) == (line_count, 4, line_count - 4, 0)


def test_copies_of_a_cookieless_event_that_say_something_else_are_in_conflict(engine, load):
    load([said("a") | {"anonymous_id": "cookieless:0"}], [said("b", NOON + MINUTE) | {"anonymous_id": "cookieless:1"}])
    assert counts(engine) == (2, 1, 0, 1)
