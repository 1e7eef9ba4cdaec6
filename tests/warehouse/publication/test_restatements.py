"""A published figure that changes later is recorded: old value, new value, and why."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from footfall.pipeline import night
from tests.support.database import rows
from tests.support.events import Landing, event
from warehouse.publication.slices import parse_days

ZONES = dict.fromkeys(("late", "earlier", "moved", "growing", "bots", "shop"), "UTC")
"""A site for each story: none changes a figure of another."""
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def restatements(installation, site):
    return rows(
        installation.engine,
        "select site_id, event_date::text, figure, old_value, new_value, causes from ops.restatements"
        " where site_id = :site order by 1, 2, 3",
        site=site,
    )


def publish_everything(installation):
    night.nightly(installation, say=lambda line: None)


def change(installation, statement):
    with installation.engine.begin() as connection:
        connection.execute(text(statement))


def first_night(installation):
    """What each site has when all is published for the first time."""
    landing = Landing(installation.settings.landing)
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:10"), site="late")
    landing.land(event("2026-11-02 09:00"), event("2026-11-04 09:00", device="d2"), site="earlier")
    landing.land(
        event("2026-11-02 09:00", event_id="x"),
        event("2026-11-03 00:00", event_id="moved", received_at=datetime(2026, 11, 3, 2, tzinfo=UTC)),
        site="moved",
    )
    landing.land(event(datetime.now(UTC)), site="growing")
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:00", device="d2", user_agent=BOT), site="bots")
    landing.land(event("2026-11-02 09:00"), event("2026-11-03 09:00"), site="shop")
    night.load(installation)
    change(installation, "update raw.user_agents set is_bot = false, bot_reason = null")
    publish_everything(installation)
    assert rows(installation.engine, "select count(*) from ops.restatements") == [(0,)]


@pytest.fixture(scope="module")
def published(past):
    """Copies of that."""
    with past(ZONES, first_night) as copies:
        yield copies


@pytest.fixture
def installation(published):
    with published() as installation:
        yield installation


@pytest.fixture(scope="module")
def second_night(published):
    """What came the day after, and the restatements of each site that this made."""
    with published() as installation:
        landing = Landing(installation.settings.landing)
        landing.land(event("2026-11-02 12:00"), site="late")
        landing.land(event("2026-11-02 10:00", device="d2"), site="earlier")
        landing.land(event(datetime.now(UTC), device="d2"), site="growing")
        publish_everything(installation)
        return {site: restatements(installation, site) for site in ZONES}


def test_a_late_event_restates_the_figures_it_changes(second_night):
    assert second_night["late"] == [
        ("late", "2026-11-02", "session_count", 1, 2, ["late_events"]),
        ("late", "2026-11-02", "visits", 2, 3, ["late_events"]),
    ]


def test_an_earlier_first_visit_restates_the_old_first_day(second_night):
    assert ("earlier", "2026-11-04", "new_users", 1, 0, ["identity"]) in second_night["earlier"]


def test_a_day_still_going_on_only_grows(second_night):
    assert second_night["growing"] == []


def test_a_bot_that_newer_rules_know_is_taken_out_of_the_figures(installation):
    change(installation, "update raw.user_agents set rules_version = 'older'")
    publish_everything(installation)
    restated = restatements(installation, "bots")
    assert ("bots", "2026-11-02", "session_count", 2, 1, ["bot_rule"]) in restated


def test_a_day_without_sessions_counted_nothing(installation, landing):
    change(installation, "update ops.publications set code_version = 'older'")
    # The same event, received before, by a clock that was corrected to the other side of midnight.
    moved = event("2026-11-02 23:59", event_id="moved", received_at=datetime(2026, 11, 3, 1, tzinfo=UTC))
    landing.land(moved, site="moved")
    publish_everything(installation)
    assert [row for row in restatements(installation, "moved") if row[1] == "2026-11-03"] == [
        ("moved", "2026-11-03", figure, 1, 0, ["code_version", "earlier_copy", "late_events"])
        for figure in ("session_count", "unique_users", "visits")
    ]


@pytest.mark.nights
def test_a_day_rebuilt_without_a_change_stays_final_and_restates_nothing(installation, landing):
    """Acts: published, rebuilt days later, changed by a late event."""
    final = "select event_date::text, is_final from marts.daily_stats where site_id = 'shop' order by 1"
    assert rows(installation.engine, final) == [("2026-11-02", False), ("2026-11-03", False)]
    change(installation, "update ops.publications set published_at = published_at - interval '4 days'")
    night.rebuild(installation, parse_days("2026-11-02"), say=lambda line: None)
    assert rows(installation.engine, final) == [("2026-11-02", True), ("2026-11-03", True)]
    assert rows(installation.engine, "select count(*) from ops.restatements") == [(0,)]
    landing.land(event("2026-11-02 12:00"))
    publish_everything(installation)
    assert rows(installation.engine, final) == [("2026-11-02", False), ("2026-11-03", True)]
