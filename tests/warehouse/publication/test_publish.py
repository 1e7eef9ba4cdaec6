"""Publish trusts no caller, replaces exactly what its keys name, all of it or nothing, and keeps no reader waiting."""

import threading
import time
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support.database import rows
from tests.support.marts.two_marts import (
    MARTS,
    MONDAY,
    PAGES,
    TUESDAY,
    WEDNESDAY,
    build,
    build_and_publish,
    page,
    publish_candidate,
    record_audit,
)
from warehouse.access.sites import add_site
from warehouse.postgres.locks import MARTS as MARTS_LOCK
from warehouse.publication.publish import PublishRefused, content, finalise_days, publish
from warehouse.publication.slices import Slice, begin_candidate

VERSIONS = (
    "select max(p.views), min(p.views), max(v.views), min(v.views)"
    " from marts.pages p join marts.people v using (site_id) where event_date = '2026-11-02'"
)


@pytest.fixture(autouse=True)
def shop(engine):
    with engine.begin() as connection:
        add_site(connection, "shop")


def published(engine):
    return (
        rows(engine, "select event_date, path, views from marts.pages order by 1, 2"),
        rows(engine, "select visitor_id, views from marts.people order by 1"),
    )


def marks(engine):
    return rows(engine, "select event_date, cause from ops.dirty_days order by mark_id")


def mark(engine, day, cause, file_id=None):
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.dirty_days (site_id, event_date, cause, file_id) values ('shop', :day, :cause, :file_id)"
            ),
            {"day": day, "cause": cause, "file_id": file_id},
        )


@pytest.fixture
def before(engine):
    """What is published before the candidate of the test."""
    build_and_publish(engine, MONDAY, TUESDAY, [page(MONDAY, "/", 1), page(TUESDAY, "/", 1)], [("ann", 2), ("bob", 1)])
    return published(engine)


# The gate ----------------------------------------------------------------------------------------


def unchecked(engine, candidate):
    pass


def failed(engine, candidate):
    record_audit(engine, candidate, passed=False, failed=1)


def failed_after_it_passed(engine, candidate):
    record_audit(engine, candidate)
    record_audit(engine, candidate, passed=False, failed=1)


def passed_with_failures(engine, candidate):
    record_audit(engine, candidate, passed=True, failed=1)


def checked_for_nothing(engine, candidate):
    record_audit(engine, candidate, expectations=0)


def checked_as_another(engine, candidate):
    record_audit(engine, candidate, seen="f00d")


def changed_since(*statements):
    def change(engine, candidate):
        record_audit(engine, candidate)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return change


def checked_in_part(engine, candidate):
    record_audit(engine, candidate, marts=["pages"])


CHANGED = "changed after its check"
CLOSED = {
    "unchecked": ("was never checked", unchecked),
    "failed": ("did not pass: 1 of 3", failed),
    "failed after it passed": ("did not pass: 1 of 3", failed_after_it_passed),
    "passed with failures": ("did not pass: 1 of 3", passed_with_failures),
    "checked for nothing": ("did not pass: 0 of 0", checked_for_nothing),
    "checked in part": ("nothing was checked of people", checked_in_part),
    "checked as another": (CHANGED, checked_as_another),
    "a value changed": (CHANGED, changed_since("update audit.pages set views = views + 1")),
    "values swapped": (CHANGED, changed_since("update audit.pages set views = 19 - views")),
    "rows doubled": (CHANGED, changed_since("insert into audit.pages select * from audit.pages")),
    "a row lost": (CHANGED, changed_since("delete from audit.people")),
    "more is replaced": (
        CHANGED,
        changed_since("insert into intermediate.replaced_days values ('shop', '2026-11-03')"),
    ),
    "less is replaced": (CHANGED, changed_since("delete from intermediate.replaced_visitors")),
}


@pytest.mark.parametrize("case", CLOSED)
def test_without_a_passing_audit_of_exactly_this_candidate_nothing_is_published(engine, before, case):
    why, spoil = CLOSED[case]
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9), page(MONDAY, "/b", 10)], [("ann", 9)])
    spoil(engine, candidate)
    with pytest.raises(PublishRefused, match=why):
        publish_candidate(engine, candidate)
    assert published(engine) == before


def test_a_candidate_built_before_marts_changed_is_refused(engine, before):
    stale = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9)])
    record_audit(engine, stale)
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.publications (candidate_id, first_date, last_date, file_ids, code_version)"
                " select candidate_id, first_date, last_date, '{}', 'x' from ops.candidates where state = 'built'"
            )
        )
    with pytest.raises(PublishRefused, match="marts changed since"):
        publish_candidate(engine, stale)
    assert published(engine) == before


def test_a_candidate_is_published_once(engine, before):
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9)])
    record_audit(engine, candidate)
    publish_candidate(engine, candidate)
    with pytest.raises(PublishRefused, match="is published, not built"):
        publish_candidate(engine, candidate)


def test_a_candidate_another_build_began_over_is_refused(engine, before):
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9)])
    record_audit(engine, candidate)
    with engine.begin() as connection:
        begin_candidate(connection, Slice(MONDAY, MONDAY), "code")
    with pytest.raises(PublishRefused, match="is abandoned"):
        publish_candidate(engine, candidate)


# Replaced keys ----------------------------------------------------------------------------------


def test_rows_of_the_scope_are_replaced_and_no_others(engine, before):
    build_and_publish(engine, MONDAY, MONDAY, [page(MONDAY, "/new", 5)], [("ann", 7), ("cid", 1)])
    assert published(engine) == (
        [(MONDAY, "/new", 5), (TUESDAY, "/", 1)],
        [("ann", 7), ("bob", 1), ("cid", 1)],
    )


def test_a_day_that_became_empty_loses_its_rows(engine, before):
    build_and_publish(engine, TUESDAY, TUESDAY, [], [])
    assert published(engine)[0] == [(MONDAY, "/", 1)]


def test_publishing_the_same_again_changes_nothing_people_see(engine, before):
    again = ([page(MONDAY, "/", 1), page(TUESDAY, "/", 1)], [("ann", 2), ("bob", 1)])
    first = build_and_publish(engine, MONDAY, TUESDAY, *again)
    second = build_and_publish(engine, MONDAY, TUESDAY, *again)
    assert published(engine) == before
    assert first.days == second.days


def test_an_error_in_the_last_mart_leaves_all_marts_marks_and_records_as_they_were(engine, before):
    mark(engine, MONDAY, "events_loaded")
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9), ("ann", 9)])
    record_audit(engine, candidate)
    publications = rows(engine, "select * from ops.publications")
    with pytest.raises(IntegrityError):
        publish_candidate(engine, candidate)
    assert published(engine) == before
    assert marks(engine) == [(MONDAY, "events_loaded")]
    assert rows(engine, "select * from ops.publications") == publications
    assert rows(engine, "select state from ops.candidates where candidate_id = :id", id=candidate.candidate_id) == [
        ("built",)
    ]


# Marks and records -------------------------------------------------------------------------------


def test_exactly_the_marks_that_were_covered_are_cleared(engine):
    mark(engine, MONDAY, "covered")
    mark(engine, TUESDAY, "another day")
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 1)], [])
    mark(engine, MONDAY, "set meanwhile")
    record_audit(engine, candidate)
    publish_candidate(engine, candidate)
    assert marks(engine) == [(TUESDAY, "another day"), (MONDAY, "set meanwhile")]


def test_days_a_moved_first_visit_leaves_stale_are_marked_but_not_those_that_are_sealed(engine):
    with engine.begin() as connection:
        connection.execute(text("insert into ops.frozen_days (event_date) values (:day)"), {"day": TUESDAY})
    build_and_publish(engine, MONDAY, MONDAY, [], [], moved=[TUESDAY, WEDNESDAY])
    assert marks(engine) == [(WEDNESDAY, "identity")]


def test_a_publication_says_what_it_was_made_of_and_what_it_holds(engine):
    for file_id in (7, 5, 7, None):
        mark(engine, MONDAY, "events_loaded", file_id)
    done = build_and_publish(
        engine, MONDAY, TUESDAY, [page(MONDAY, "/", 1), page(MONDAY, "/a", 2), page(TUESDAY, "/", 1)], [("ann", 3)]
    )
    assert rows(
        engine, "select publication_id, first_date, last_date, file_ids, code_version from ops.publications"
    ) == [(done.publication_id, MONDAY, TUESDAY, [5, 7], "code")]
    assert rows(engine, "select mart, event_date, row_count from ops.publication_marts order by 1, 2") == [
        ("pages", MONDAY, 2),
        ("pages", TUESDAY, 1),
        ("people", None, 1),
    ]


# Content hashes ----------------------------------------------------------------------------------


def hashes(engine, pages):
    build(engine, MONDAY, TUESDAY, pages, [])
    with engine.connect() as connection:
        return {day.day: day.content_hash for day in content(connection, "audit", PAGES)}


def test_a_content_hash_does_not_depend_on_the_order_of_rows(engine):
    pages = [page(MONDAY, f"/{n}", n) for n in range(20)]
    assert hashes(engine, pages) == hashes(engine, pages[::-1])


@pytest.mark.parametrize(
    "others",
    [
        [page(MONDAY, "/a", 1)],
        [page(MONDAY, "/a", 1), page(MONDAY, "/b", 2), page(MONDAY, "/b", 2)],
        [page(MONDAY, "/a", 2), page(MONDAY, "/b", 1)],
        [page(MONDAY, "/a", 1), page(MONDAY, "/b", 3)],
    ],
    ids=["lost", "doubled", "swapped", "changed"],
)
def test_a_content_hash_changes_with_every_row(engine, others):
    assert hashes(engine, [page(MONDAY, "/a", 1), page(MONDAY, "/b", 2)]) != hashes(engine, others)


def test_a_content_hash_is_of_one_day_and_does_not_see_what_time_alone_changes(engine):
    both = hashes(engine, [page(MONDAY, "/", 1), page(TUESDAY, "/", 1)])
    assert both[MONDAY] == hashes(engine, [page(MONDAY, "/", 1), page(TUESDAY, "/", 2)])[MONDAY]
    with engine.begin() as connection:
        connection.execute(text("update audit.pages set is_final = true"))
        assert next(day.content_hash for day in content(connection, "audit", PAGES)) == both[MONDAY]


def test_what_is_published_has_the_hash_of_its_candidate(engine):
    done = build_and_publish(engine, MONDAY, TUESDAY, [page(MONDAY, "/", 1), page(TUESDAY, "/", 2)], [("ann", 3)])
    with engine.connect() as connection:
        assert tuple(day for mart in MARTS for day in content(connection, "marts", mart)) == done.days


def test_a_day_of_which_only_a_part_was_replaced_is_recorded_whole(engine):
    """A border run takes a few rows of the eve; the record is about the eve as people now read it."""
    build_and_publish(engine, MONDAY, TUESDAY, [page(MONDAY, "/", 1), page(TUESDAY, "/", 2)], [])
    done = build_and_publish(engine, TUESDAY, TUESDAY, [page(MONDAY, "/border", 1), page(TUESDAY, "/", 2)], [])
    recorded = {day.day: day.row_count for day in done.days if day.mart == "pages"}
    assert recorded == {MONDAY: 2, TUESDAY: 1}
    with engine.connect() as connection:
        assert [day for day in done.days if day.mart == "pages"] == content(connection, "marts", PAGES)


# Readers and other writers -----------------------------------------------------------------------


def test_a_repeatable_read_reader_keeps_its_version_across_a_publish_and_no_one_waits(engine, before):
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9), ("bob", 9)])
    record_audit(engine, candidate)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(text("set local lock_timeout = '500ms'"))
        old = reader.execute(text("select views from marts.pages where event_date = '2026-11-02'")).all()
        with engine.begin() as writer:
            writer.execute(text("set local lock_timeout = '500ms'"))
            publish(writer, candidate, MARTS)
            assert reader.execute(text("select views from marts.people where visitor_id = 'ann'")).all() == [(2,)]
            with engine.begin() as newcomer:
                newcomer.execute(text("set local lock_timeout = '500ms'"))
                assert newcomer.execute(text(VERSIONS)).all() == [(1, 1, 2, 1)]
        assert (
            reader.execute(text("select views from marts.pages where event_date = '2026-11-02'")).all() == old == [(1,)]
        )
        assert reader.execute(text("select views from marts.people where visitor_id = 'ann'")).all() == [(2,)]
    assert rows(engine, VERSIONS) == [(9, 9, 9, 9)]


def test_readers_see_one_whole_version_of_all_marts_while_versions_follow_each_other(engine):
    def version(number):
        return [page(MONDAY, f"/{n}", number) for n in range(5)], [(f"v{n}", number) for n in range(5)]

    build_and_publish(engine, MONDAY, MONDAY, *version(0))
    seen, torn, done = set(), [], threading.Event()

    def read():
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
            while not done.is_set():
                pages = reader.execute(text("select array_agg(distinct views), count(*) from marts.pages")).one()
                people = reader.execute(text("select array_agg(distinct views), count(*) from marts.people")).one()
                reader.rollback()
                seen.add(pages[0][0])
                if tuple(pages) != tuple(people) or pages[1] != 5 or len(pages[0]) != 1:
                    torn.append((pages, people))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 13):
        build_and_publish(engine, MONDAY, MONDAY, *version(number))
    done.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert len(seen) > 2


def test_two_publishers_of_one_candidate_publish_it_once(engine, before):
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9)])
    record_audit(engine, candidate)
    outcomes = []

    def publish_it():
        try:
            outcomes.append(publish_candidate(engine, candidate))
        except PublishRefused as refused:
            outcomes.append(refused)

    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MARTS_LOCK})
        publishers = [threading.Thread(target=publish_it) for _ in range(2)]
        for publisher in publishers:
            publisher.start()
        time.sleep(0.3)
        assert outcomes == []
    for publisher in publishers:
        publisher.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PublishRefused", "Publication"][::-1]


def test_the_candidate_cannot_be_changed_while_it_is_published(engine, before):
    candidate = build(engine, MONDAY, MONDAY, [page(MONDAY, "/", 9)], [("ann", 9)])
    record_audit(engine, candidate)
    with engine.begin() as writer:
        publish(writer, candidate, MARTS)
        with engine.begin() as meddler:
            meddler.execute(text("set local lock_timeout = '200ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                meddler.execute(text("update audit.pages set views = 666"))


# Final days --------------------------------------------------------------------------------------


def test_a_day_is_final_when_it_ended_and_was_last_changed_long_enough_ago(engine):
    days = {
        "2026-11-06": "today minus lateness: too young",
        "2026-11-05": "final",
        "2026-11-04": "dirty",
        "2026-11-03": "published just now",
        "2026-11-02": "published long ago: final",
    }
    with engine.begin() as connection:
        connection.execute(text("create table marts.daily_stats (site_id text, event_date date, is_final boolean)"))
        for day in days:
            connection.execute(text("insert into marts.daily_stats values ('shop', :day, false)"), {"day": day})
    mark(engine, "2026-11-04", "events_loaded")
    done = build_and_publish(engine, MONDAY, MONDAY, [], [])
    long_ago = build_and_publish(engine, MONDAY, MONDAY, [], [])
    with engine.begin() as connection:
        for publication, day in ((done, "2026-11-03"), (long_ago, "2026-11-02")):
            connection.execute(
                text("insert into ops.publication_marts values (:id, 'daily_stats', :day, 1, '')"),
                {"id": publication.publication_id, "day": day},
            )
        connection.execute(
            text(
                "update ops.publications set published_at = now() - interval '3 days 1 minute' where publication_id = :id"
            ),
            {"id": long_ago.publication_id},
        )
    for expected in (2, 0):
        with engine.begin() as connection:
            assert finalise_days(connection, date(2026, 11, 9), 3) == expected
    assert rows(engine, "select event_date::text from marts.daily_stats where is_final order by 1") == [
        ("2026-11-02",),
        ("2026-11-05",),
    ]
