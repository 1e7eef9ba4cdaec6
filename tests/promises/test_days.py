"""A day is the site's own, from its midnight to its next: 23, 24 or 25 hours."""

from datetime import UTC, datetime, timedelta

import pytest

from footfall.pipeline import night
from tests.support.database import rows
from tests.support.events import Landing, event

HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
ZONES = {
    "shop": "UTC",
    "york": "America/New_York",
    "boston": "America/New_York",
    "sydney": "Australia/Sydney",
    "nepal": "Asia/Kathmandu",
}
DAYS = {
    ("york", "2026-03-08"): ("2026-03-08 05:00", 23),
    ("york", "2026-11-01"): ("2026-11-01 04:00", 25),
    ("sydney", "2026-04-05"): ("2026-04-04 13:00", 25),
    ("sydney", "2026-10-04"): ("2026-10-03 14:00", 23),
    ("nepal", "2026-03-08"): ("2026-03-07 18:15", 24),
    ("nepal", "2026-11-01"): ("2026-10-31 18:15", 24),
    ("shop", "2026-03-08"): ("2026-03-08 00:00", 24),
    ("shop", "2026-11-01"): ("2026-11-01 00:00", 24),
}
"""Site and day: when it starts by UTC, and how many hours it has."""


def utc(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def published(anew):
    """Of each day a view at the start of each hour, one just before the first, and one when the day is over."""
    with anew(ZONES) as installation:
        landing = Landing(installation.settings.landing)
        for (site, day), (start, hours) in DAYS.items():
            times = [utc(start) - TICK, *(utc(start) + n * HOUR for n in range(hours + 1))]
            landing.land(*(event(at, device=f"{day}-{n}") for n, at in enumerate(times)), site=site)
        spring, autumn = utc("2026-03-08 07:00"), utc("2026-11-01 06:00")
        landing.land(
            event(spring - 10 * MINUTE, device="spring"),  # 01:50
            event(spring + 20 * MINUTE, device="spring"),  # 03:20, half an hour later
            event(autumn - 10 * MINUTE, device="autumn"),  # 01:50
            event(autumn + 21 * MINUTE, device="autumn"),  # 01:21, but 31 minutes later
            site="boston",
        )
        night.nightly(installation, say=lambda line: None)
        yield installation


def test_a_day_with_a_change_of_clocks_has_23_or_25_hours(published):
    figures = {
        (site, day): found
        for site, day, *found in rows(
            published.engine,
            "select site_id, event_date::text, visits, session_count, unique_users, new_users from marts.daily_stats"
            " where site_id <> 'boston'",
        )
    }
    for (site, day), (_, hours) in DAYS.items():
        assert figures.pop((site, day)) == [hours] * 4, (site, day)
    # What is left are the days before and after, with the view on the other side of each midnight.
    assert len(figures) == 2 * len(DAYS)
    assert set(map(tuple, figures.values())) == {(1, 1, 1, 1)}


def test_a_gap_is_measured_in_time_that_passed_and_not_by_the_clock(published):
    assert rows(
        published.engine,
        "select visitor_id, count(*), sum(duration_seconds) from marts.sessions where site_id = 'boston'"
        " group by 1 order by 1",
    ) == [("autumn", 2, 0), ("spring", 1, 1800)]
