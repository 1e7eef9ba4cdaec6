"""A published figure that changes later is written down: what it was, what it is, and why."""

from datetime import UTC, datetime

from sqlalchemy import text

from footfall.pipeline import night
from tests.conftest import event, rows
from warehouse.publication.slices import parse_days


def restatements(here):
    return rows(
        here.engine,
        "select site_id, stat_date::text, figure, old_value, new_value, causes from ops.restatements order by 1, 2, 3",
    )


def publish_everything(here):
    night.nightly(here, say=lambda line: None)


def test_a_late_event_restates_the_figures_it_changes(here, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:10"))
    publish_everything(here)
    assert restatements(here) == []
    landing.land(event("2026-11-02 12:00"))
    publish_everything(here)
    assert restatements(here) == [
        ("shop", "2026-11-02", "session_count", 1, 2, ["late_events"]),
        ("shop", "2026-11-02", "visits", 2, 3, ["late_events"]),
    ]


def test_an_earlier_first_visit_restates_the_old_first_day(here, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-05 09:00", device="d2"))
    publish_everything(here)
    landing.land(event("2026-11-02 09:00", device="d2"))
    publish_everything(here)
    assert ("shop", "2026-11-05", "new_users", 1, 0, ["identity"]) in restatements(here)


def test_a_day_without_sessions_counted_nothing(here, landing):
    landing.land(
        event("2026-11-02 09:00", event_id="x"),
        event("2026-11-03 00:00", event_id="moved", received_at=datetime(2026, 11, 3, 2, tzinfo=UTC)),
    )
    publish_everything(here)
    with here.engine.begin() as connection:
        connection.execute(text("update ops.publications set code_version = 'older'"))
    # The same event, received before, by a clock that was corrected to the other side of midnight.
    landing.land(event("2026-11-02 23:59", event_id="moved", received_at=datetime(2026, 11, 3, 1, tzinfo=UTC)))
    publish_everything(here)
    assert [row for row in restatements(here) if row[1] == "2026-11-03"] == [
        ("shop", "2026-11-03", figure, 1, 0, ["code_version", "earlier_copy", "late_events"])
        for figure in ("session_count", "unique_users", "visits")
    ]


def test_a_day_still_going_on_only_grows(here, landing):
    landing.land(event(datetime.now(UTC)))
    publish_everything(here)
    landing.land(event(datetime.now(UTC), device="d2"))
    publish_everything(here)
    assert restatements(here) == []


def test_a_rebuild_that_changes_nothing_restates_nothing(here, landing):
    landing.land(event("2026-11-02 09:00"))
    publish_everything(here)
    night.rebuild(here, parse_days("2026-11-02"), say=lambda line: None)
    assert restatements(here) == []


def test_a_bot_that_newer_rules_know_is_taken_out_of_the_figures(here, landing):
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    landing.land(event("2026-11-02 09:00"), event("2026-11-02 09:00", device="d2", user_agent=bot))
    night.load(here)
    with here.engine.begin() as connection:
        connection.execute(text("update raw.user_agents set is_bot = false, bot_reason = null"))
    publish_everything(here)
    with here.engine.begin() as connection:
        connection.execute(text("update raw.user_agents set rules_version = 'older'"))
    publish_everything(here)
    assert ("shop", "2026-11-02", "session_count", 2, 1, ["bot_rule"]) in restatements(here)


def test_a_day_rebuilt_without_a_change_stays_final(here, landing):
    final = "select stat_date::text, is_final from marts.daily_stats order by 1"
    landing.land(event("2026-11-02 09:00"), event("2026-11-03 09:00"))
    publish_everything(here)
    assert rows(here.engine, final) == [("2026-11-02", False), ("2026-11-03", False)]
    with here.engine.begin() as connection:
        connection.execute(text("update ops.publications set published_at = published_at - interval '4 days'"))
    night.rebuild(here, parse_days("2026-11-02"), say=lambda line: None)
    assert rows(here.engine, final) == [("2026-11-02", True), ("2026-11-03", True)]
    landing.land(event("2026-11-02 12:00"))
    publish_everything(here)
    assert rows(here.engine, final) == [("2026-11-02", False), ("2026-11-03", True)]
