"""How many visitors came between two days: exact as long as they are few, and each counted once."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.support.database import copy_of, let_be_partial, rows
from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts
from warehouse.tables.today import ensure_today

FIRST, DAYS = date(2025, 11, 20), 500
DAY = timedelta(days=1)
FULL = 2**63


@pytest.fixture(scope="module")
def written(server_url, template, parsed_project):
    """A year and a half of days with 20 of 400 visitors each, and which visitors came when."""
    chance = random.Random(1)
    days = {FIRST + n * DAY: set(chance.sample(range(1, 401), 20)) for n in range(DAYS) if n % 50}
    needed = {"daily_stats", "daily_visitor_sketches", "visitor_sketches"}
    marts = [mart for mart in read_marts(parsed_project / "manifest.json") if mart.name in needed]
    with copy_of(server_url.set(database=template)) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            ensure_marts(connection, marts)
            ensure_today(connection, marts)
            let_be_partial(connection, "marts.daily_stats")
            for day, visitors in days.items():
                write_day(connection, day, visitors)
        yield engine, days
        engine.dispose()


def write_day(connection, day, visitors, threshold=None):
    connection.execute(text("insert into marts.daily_stats (site_id, event_date) values ('shop', :day)"), {"day": day})
    write(connection, "daily_visitor_sketches (site_id, event_date", [day], visitors, threshold)
    monday, first, year = day - day.weekday() * DAY, day.replace(day=1), date(day.year, 1, 1)
    for period, begin, end in (
        ("week", monday, monday + 6 * DAY),
        ("month", first, (first + 31 * DAY).replace(day=1) - DAY),
        ("year", year, date(day.year, 12, 31)),
    ):
        into = "visitor_sketches (site_id, period, first_day, last_day"
        write(connection, into, [period, begin, end], visitors, threshold)


def write(connection, into, values, visitors, threshold):
    """Add the visitors to the sketch."""
    given = {f"v{n}": value for n, value in enumerate(values)}
    table = into.partition(" ")[0]
    connection.execute(
        text(
            f"insert into marts.{into}, dimension, value, threshold, least_hashes)"
            f" values ('shop', {', '.join(f':{name}' for name in given)}, 'all', '(all)', :threshold, :hashes)"
            f" on conflict on constraint {table}_pkey"
            f" do update set least_hashes = {table}.least_hashes || excluded.least_hashes"
        ),
        given | {"threshold": threshold, "hashes": sorted(visitors)},
    )


def between(engine, first, last, schema="marts"):
    ask = f"select value, visitor_count, margin from {schema}.visitors_between('shop', :first, :last)"
    return rows(engine, ask, first=first, last=last)


def test_a_visitor_of_any_range_counts_once(written):
    engine, days = written
    chance = random.Random(2)
    for _ in range(60):
        first, last = sorted(FIRST + chance.randrange(DAYS) * DAY for _ in "ab")
        came = set().union(*(visitors for day, visitors in days.items() if first <= day <= last))
        assert between(engine, first, last) == ([("(all)", len(came), 0)] if came else []), (first, last)


def test_a_whole_year_is_one_sketch_and_a_range_of_a_year_a_few_dozen(written):
    """Each sketch is marked by a visitor of its own, so that the visitors are as many more as sketches are read."""
    engine, _ = written
    for first, last, least, most in (
        (date(2026, 1, 1), date(2026, 12, 31), 1, 1),
        (date(2025, 12, 29), date(2027, 1, 31), 3, 3),
        (date(2026, 2, 11), date(2027, 2, 10), 20, 36),
    ):
        ((_, before, _),) = between(engine, first, last)
        with engine.connect() as connection:
            for table, mark in (("daily_visitor_sketches", 10_000), ("visitor_sketches", 20_000)):
                connection.execute(
                    text(
                        f"update marts.{table} t set least_hashes = least_hashes || array[{mark} + n] from"
                        f" (select ctid, row_number() over () as n from marts.{table}) numbered"
                        " where t.ctid = numbered.ctid"
                    )
                )
            ask = "select visitor_count from marts.visitors_between('shop', :first, :last)"
            after = connection.execute(text(ask), {"first": first, "last": last}).scalar_one()
            connection.rollback()
        assert least <= after - before <= most, (first, last)


def test_with_the_open_day_weeks_that_it_changes_are_counted_by_their_days(written):
    engine, days = written
    last = max(days)
    began, month_ends = last.replace(day=1), (last.replace(day=1) + 31 * DAY).replace(day=1) - DAY
    assert last < month_ends
    with engine.connect() as connection:
        connection.exec_driver_sql("insert into ops.today (build_number, as_of) values (1, now())")
        insert = (
            "insert into today.daily_visitor_sketches (site_id, event_date, dimension, value, least_hashes)"
            " values ('shop', :day, 'all', '(all)', array[9999])"
        )
        connection.execute(text(insert), {"day": last + DAY})
        counts = {}
        for schema in ("marts", "with_today"):
            ask = f"select visitor_count from {schema}.visitors_between('shop', :first, :last)"
            counts[schema] = connection.execute(text(ask), {"first": began, "last": month_ends}).scalar_one()
        connection.rollback()
    assert counts["with_today"] == counts["marts"] + 1


def test_a_sketch_of_more_counts_by_its_threshold(written):
    engine, _ = written
    with engine.connect() as connection:
        day = date(2030, 1, 1)
        write_day(connection, day, range(100), FULL // 1000)
        write_day(connection, day + DAY, range(50, 120), FULL // 500)
        ask = "select visitor_count, margin from marts.visitors_between('shop', :day, :last)"
        # 120 hashes below a thousandth.
        (found,) = connection.execute(text(ask), {"day": day, "last": day + DAY}).all()
        assert found == (120_000, 21_471)
        connection.rollback()


def test_nothing_is_said_of_days_that_were_published_before_there_were_sketches(written):
    engine, _ = written
    with engine.connect() as connection:
        day = date(2030, 1, 1)
        write_day(connection, day, [1, 2])
        connection.execute(
            text("insert into marts.daily_stats (site_id, event_date) values ('shop', :day)"), {"day": day + DAY}
        )
        ask = text("select visitor_count from marts.visitors_between('shop', :day, :last)")
        assert connection.execute(ask, {"day": day, "last": day}).all() == [(2,)]
        assert connection.execute(ask, {"day": day, "last": day + DAY}).all() == []
        connection.rollback()
