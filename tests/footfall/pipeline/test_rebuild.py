"""A rebuild goes by slices of bounded size, can be interrupted and continued, and never changes pruned days."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents, with_settings
from warehouse.publication.slices import parse_days
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}


def five_days(installation):
    Landing(installation.settings.landing).land(
        *(event(f"2026-11-0{day} 09:00", device=f"d{day}") for day in range(2, 7))
    )
    night.nightly(installation, **QUIETLY)


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, five_days) as copies:
        yield copies


@pytest.fixture
def after_five_days(copies):
    """An event on each of five days, published."""
    with copies() as installation:
        yield installation


def days_of(publications) -> list[int]:
    """How many days of daily_stats each publication touched."""
    return [sum(day.mart == "daily_stats" for day in publication.days) for publication in publications]


@pytest.mark.nights
def test_a_rebuild_goes_through_slices_of_bounded_size_and_says_how_far_it_is(after_five_days):
    installation = after_five_days
    before, said = contents(installation), []
    night.rebuild(with_settings(installation, max_slice_days=2), parse_days("2026-11-02..2026-11-06"), say=said.append)
    assert [line for line in said if line.startswith(("marked", "published"))] == [
        "marked     5 days; if interrupted, `footfall nightly` goes on where this stopped",
        "published  2026-11-02..2026-11-03, 3 days to go",
        "published  2026-11-04..2026-11-05, 1 day to go",
        "published  2026-11-06",
    ]
    assert contents(installation) == before


@pytest.mark.nights
def test_an_interrupted_rebuild_is_gone_on_with_by_the_next_night(after_five_days):
    installation = after_five_days
    before = contents(installation)
    given = {
        "FOOTFALL_HOME": str(installation.settings.home),
        "FOOTFALL_DATABASE_URL": installation.database.administrator.render_as_string(hide_password=False),
        "FOOTFALL_MAX_SLICE_DAYS": "1",
        "FOOTFALL_FAIL_AT": "publish:after_commit",
    }
    killed = subprocess.run([sys.executable, "-m", "footfall", "rebuild"], env=os.environ | given, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert rows(installation.engine, "select distinct event_date::text from ops.dirty_days order by 1") == [
        ("2026-11-03",),
        ("2026-11-04",),
        ("2026-11-05",),
        ("2026-11-06",),
    ]
    assert days_of(night.nightly(installation, **QUIETLY)) == [4]
    assert contents(installation) == before


@pytest.mark.nights
def test_a_rebuild_of_everything_after_pruning_changes_nothing(installation, landing):
    def noon(days_ago: int) -> datetime:
        return datetime.combine(datetime.now(UTC).date() - timedelta(days=days_ago), time(12), UTC)

    for days_ago in (100, 91, 89, 2):
        landing.land(
            event(
                noon(days_ago), user_id="ann", name="user_signed_in", page_url="https://shop.example/?utm_source=news"
            ),
            event(noon(days_ago), user_id="ann", name="order_placed", properties={"order_id": "o", "amount": days_ago}),
            event(noon(days_ago), device="anonymous"),
            event(
                noon(days_ago), device="anonymous", name="checkout_started", properties={"checkout_id": f"c{days_ago}"}
            ),
        )
    night.nightly(installation, **QUIETLY)
    prune(installation.engine, installation.settings, published_marts(installation))
    pruned = contents(installation)
    assert [len(pruned[mart]) for mart in ("sessions", "checkouts", "customers", "daily_stats")] == [6, 2, 1, 4]
    assert days_of(night.rebuild(installation, **QUIETLY)) == [1, 1]
    assert contents(installation) == pruned


def test_the_eve_of_a_new_day_costs_its_sessions_near_midnight(installation, landing):
    crowd = [event("2026-11-02 12:00", device=f"d{n}") for n in range(50)]
    owl = [event("2026-11-02 23:50", device="owl"), event("2026-11-03 00:10", device="owl")]
    landing.land(*crowd, owl[0])
    night.nightly(installation, **QUIETLY)
    landing.land(owl[1])
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select count(*) from intermediate.int_session_events") == [(2,)]
    assert rows(installation.engine, "select visitor_id, event_count from audit.sessions") == [("owl", 2)]
    assert rows(installation.engine, "select event_date::text, session_count from marts.daily_stats") == [
        ("2026-11-02", 51)
    ]
