"""Published rows stay where raw events of their day are missing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, night
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from warehouse.publication.slices import SliceError, parse_days

QUIETLY = {"say": lambda line: None}


def five_days(installation):
    """Three days of two visitors, and two of another, whose last event is of the second by a moment."""
    Landing(installation.settings.landing).land(
        *(event(f"2026-11-0{day} {hour}:00", device=f"d{hour}") for day in (2, 3, 4) for hour in (10, 12)),
        event("2026-11-05 09:00"),
        event("2026-11-06 00:00", event_id="moved", received_at=datetime(2026, 11, 6, 2, tzinfo=UTC)),
    )
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select event_date::text, raw_events from ops.published_days order by 1") == [
        ("2026-11-02", 2),
        ("2026-11-03", 2),
        ("2026-11-04", 2),
        ("2026-11-05", 1),
        ("2026-11-06", 1),
    ]


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, five_days) as copies:
        yield copies


@pytest.fixture
def installation(copies):
    """The five days, published."""
    with copies() as installation:
        yield installation


@pytest.fixture
def published(installation):
    """Their marts; of the second day one event is lost afterwards."""
    with installation.engine.begin() as connection:
        connection.execute(text("delete from raw.events where event_date = '2026-11-03' and anonymous_id = 'd10'"))
    return contents(installation)


def test_a_rebuild_of_an_incomplete_day_is_refused_with_the_reason(installation, published):
    with pytest.raises(SliceError, match="2026-11-03: published from 2 raw events, 1 are left"):
        night.rebuild(installation, parse_days("2026-11-02..2026-11-04"), **QUIETLY)
    with pytest.raises(SliceError, match="2026-11-03: published from 2 raw events, 1 are left"):
        candidates.build(installation, parse_days("2026-11-03"))
    assert contents(installation) == published


def test_as_many_raw_events_but_others_are_no_complete_day(installation, landing, published):
    with installation.engine.begin() as connection:
        connection.execute(
            text("update raw.events set event_id = 'another' where event_date = '2026-11-04' and anonymous_id = 'd10'")
        )
    with pytest.raises(SliceError, match="2026-11-04: published from 2 raw events, others are left"):
        night.rebuild(installation, parse_days("2026-11-04"), **QUIETLY)
    assert contents(installation) == published


def test_a_late_event_seals_an_incomplete_day_and_holds_no_other_up(installation, landing, published):
    landing.land(event("2026-11-03 15:00", device="d15"), event("2026-11-04 15:00", device="d15"))
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select event_date, reason from ops.frozen_days") == [
        (date(2026, 11, 3), "incomplete")
    ]
    assert rows(installation.engine, "select event_date::text, session_count from marts.daily_stats order by 1")[
        :3
    ] == [
        ("2026-11-02", 2),
        ("2026-11-03", 2),
        ("2026-11-04", 3),
    ]
    assert rows(installation.engine, "select 1 from ops.dirty_days") == []


def test_an_event_that_moved_to_its_neighbouring_day_is_not_missing(installation, landing):
    landing.land(event("2026-11-05 23:59", event_id="moved", received_at=datetime(2026, 11, 6, 1, tzinfo=UTC)))
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select event_date::text, raw_events from ops.published_days order by 1")[3:] == [
        ("2026-11-05", 2),
        ("2026-11-06", 0),
    ]
    assert rows(installation.engine, "select 1 from ops.frozen_days") == []
