"""Retention reports the true number of rows of a day of raw events, though it does not count them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text

from footfall.pipeline import night
from tests.support.database import rows
from tests.support.events import event
from warehouse.retention.raw_days import drop_raw_days

QUIETLY = {"say": lambda line: None}


def noon(days_ago):
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=days_ago), time(12), UTC)


def said(installation):
    before = datetime.now(UTC).date()
    return {name: count for name, count, _ in drop_raw_days(installation.engine, before, dry_run=True)}


def counted(installation):
    return dict(rows(installation.engine, "select tableoid::regclass::text, count(*) from raw.events group by 1"))


@pytest.mark.nights
def test_the_rows_that_are_said_are_there_whatever_came_late_or_twice(installation, landing):
    """Acts: a night, late and repeated events loaded, the next night."""
    first, second = event(noon(95)), event(noon(94), device="d2")
    landing.land(first, second, event(noon(94)), event(noon(90)))
    night.nightly(installation, **QUIETLY)
    assert said(installation) == counted(installation)
    # Another copy that was received earlier takes the place of a published one; a late event comes; a copy is left out.
    landing.land(first | {"received_at": noon(95)}, event(noon(95), device="late"), second)
    night.load(installation)
    # The first day is dirty, and its build reads the second.
    waiting = tuple(f"{noon(days_ago):%Y%m%d}" for days_ago in (95, 94))
    assert said(installation) == {
        table: count for table, count in counted(installation).items() if not table.endswith(waiting)
    }
    assert len(said(installation)) == 1
    night.nightly(installation, **QUIETLY)
    assert said(installation) == counted(installation)
    assert sorted(said(installation).values()) == [1, 2, 2]


def test_of_a_day_that_was_found_incomplete_what_is_left_is_counted(installation, landing):
    landing.land(event(noon(95)), event(noon(95), device="d2"))
    night.nightly(installation, **QUIETLY)
    with installation.engine.begin() as connection:
        connection.execute(text("delete from raw.events where anonymous_id = 'd2'"))
    landing.land(event(noon(95), device="late"), event(noon(95), device="later"))
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select reason from ops.frozen_days") == [("incomplete",)]
    assert said(installation) == counted(installation)
    assert list(said(installation).values()) == [3]
