"""A published figure that changes later is recorded: old value, new value, and why."""

from datetime import UTC, datetime

from sqlalchemy import text

from footfall.pipeline import night
from tests.support.database import rows
from tests.support.events import event
from warehouse.publication.slices import parse_days


def restatements(installation):
    return rows(
        installation.engine,
        "select site_id, event_date::text, figure, old_value, new_value, causes from ops.restatements order by 1, 2, 3",
    )


def publish_everything(installation):
    night.nightly(installation, say=lambda line: None)


def test_a_late_event_restates_the_figures_it_changes(installation, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:10"))
    publish_everything(installation)
    assert restatements(installation) == []
    landing.land(event("2026-11-02 12:00"))
    publish_everything(installation)
    assert restatements(installation) == [
        ("shop", "2026-11-02", "session_count", 1, 2, ["late_events"]),
        ("shop", "2026-11-02", "visits", 2, 3, ["late_events"]),
    ]


def test_an_earlier_first_visit_restates_the_old_first_day(installation, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-05 09:00", device="d2"))
    publish_everything(installation)
    landing.land(event("2026-11-02 09:00", device="d2"))
    publish_everything(installation)
    assert ("shop", "2026-11-05", "new_users", 1, 0, ["identity"]) in restatements(installation)


def test_a_day_without_sessions_counted_nothing(installation, landing):
    landing.land(
        event("2026-11-02 09:00", event_id="x"),
        event("2026-11-03 00:00", event_id="moved", received_at=datetime(2026, 11, 3, 2, tzinfo=UTC)),
    )
    publish_everything(installation)
    with installation.engine.begin() as connection:
        connection.execute(text("update ops.publications set code_version = 'older'"))
    # The same event, received before, by a clock that was corrected to the other side of midnight.
    landing.land(event("2026-11-02 23:59", event_id="moved", received_at=datetime(2026, 11, 3, 1, tzinfo=UTC)))
    publish_everything(installation)
    assert [row for row in restatements(installation) if row[1] == "2026-11-03"] == [
        ("shop", "2026-11-03", figure, 1, 0, ["code_version", "earlier_copy", "late_events"])
        for figure in ("session_count", "unique_users", "visits")
    ]


def test_a_day_still_going_on_only_grows(installation, landing):
    landing.land(event(datetime.now(UTC)))
    publish_everything(installation)
    landing.land(event(datetime.now(UTC), device="d2"))
    publish_everything(installation)
    assert restatements(installation) == []


def test_a_rebuild_that_changes_nothing_restates_nothing(installation, landing):
    landing.land(event("2026-11-02 09:00"))
    publish_everything(installation)
    night.rebuild(installation, parse_days("2026-11-02"), say=lambda line: None)
    assert restatements(installation) == []


def test_a_bot_that_newer_rules_know_is_taken_out_of_the_figures(installation, landing):
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:00", device="d2", user_agent=bot))
    night.load(installation)
    with installation.engine.begin() as connection:
        connection.execute(text("update raw.user_agents set is_bot = false, bot_reason = null"))
    publish_everything(installation)
    with installation.engine.begin() as connection:
        connection.execute(text("update raw.user_agents set rules_version = 'older'"))
    publish_everything(installation)
    assert ("shop", "2026-11-02", "session_count", 2, 1, ["bot_rule"]) in restatements(installation)


def test_a_day_rebuilt_without_a_change_stays_final(installation, landing):
    """Acts: published, rebuilt days later, changed by a late event."""
    final = "select event_date::text, is_final from marts.daily_stats order by 1"
    landing.land(event("2026-11-02 09:00"), event("2026-11-03 09:00"))
    publish_everything(installation)
    assert rows(installation.engine, final) == [("2026-11-02", False), ("2026-11-03", False)]
    with installation.engine.begin() as connection:
        connection.execute(text("update ops.publications set published_at = published_at - interval '4 days'"))
    night.rebuild(installation, parse_days("2026-11-02"), say=lambda line: None)
    assert rows(installation.engine, final) == [("2026-11-02", True), ("2026-11-03", True)]
    landing.land(event("2026-11-02 12:00"))
    publish_everything(installation)
    assert rows(installation.engine, final) == [("2026-11-02", False), ("2026-11-03", True)]
