"""What retention says of a day of raw events is true, though it does not count it."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import text

from footfall.pipeline import night
from tests.conftest import event, rows
from warehouse.retention.raw_days import drop_raw_days

QUIETLY = {"say": lambda line: None}


def noon(days_ago):
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=days_ago), time(12), UTC)


def said(here):
    before = datetime.now(UTC).date()
    return {name: count for name, count, _ in drop_raw_days(here.engine, before, dry_run=True)}


def counted(here):
    return dict(rows(here.engine, "select tableoid::regclass::text, count(*) from raw.events group by 1"))


def test_the_rows_that_are_said_are_there_whatever_came_late_or_twice(here, landing):
    first, second = event(noon(95)), event(noon(94), device="d2")
    landing.land(first, second, event(noon(94)))
    night.nightly(here, **QUIETLY)
    assert said(here) == counted(here)
    # Another copy that was received earlier takes the place of a published one; a late event comes; a copy is left out.
    landing.land(first | {"received_at": noon(95)}, event(noon(95), device="late"), second)
    night.load(here)
    assert said(here) == {
        table: count for table, count in counted(here).items() if not table.endswith(f"{noon(95):%Y%m%d}")
    }
    night.nightly(here, **QUIETLY)
    assert said(here) == counted(here)
    assert sorted(said(here).values()) == [2, 2]


def test_of_a_day_that_was_found_incomplete_what_is_left_is_counted(here, landing):
    landing.land(event(noon(95)), event(noon(95), device="d2"))
    night.nightly(here, **QUIETLY)
    with here.engine.begin() as connection:
        connection.execute(text("delete from raw.events where anonymous_id = 'd2'"))
    landing.land(event(noon(95), device="late"), event(noon(95), device="later"))
    night.nightly(here, **QUIETLY)
    assert rows(here.engine, "select reason from ops.sealed_days") == [("incomplete",)]
    assert said(here) == counted(here)
    assert list(said(here).values()) == [3]
