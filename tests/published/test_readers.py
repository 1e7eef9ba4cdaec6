"""A reader during publishes and retention sees one whole version of everything, and never waits."""

from tests.support.database import rows
from tests.support.marts.readers import OLD, torture

FOR_EVER = {"identities", "conversions", "customer_days", "customers", "visitor_sketches"}


def test_readers_see_one_whole_version_while_publishes_and_a_retention_run_go_on(morning_after, size):
    """Acts: the torture, what readers saw, what retention took."""
    publishes = size(30, 100)
    report = torture(morning_after, publishes)
    assert report.faults == []
    assert report.longest_seconds < 1
    assert min(report.readings[kind] for kind in ("one statement", "one snapshot", "live", "across retention")) > 1
    assert len(report.versions) > publishes / 2
    pruned = {step.relation for step in report.pruned if step.rows}
    assert {"raw.events_20261003", "raw.events_20261004"} < pruned
    marts = [
        name for (name,) in rows(morning_after.engine, "select tablename from pg_tables where schemaname = 'marts'")
    ]
    due = {
        mart for mart in marts if rows(morning_after.engine, f"select 1 from marts.{mart} where site_id like '{OLD}%'")
    }
    assert due == FOR_EVER
    assert {f"marts.{mart}" for mart in marts} - {f"marts.{mart}" for mart in FOR_EVER} < pruned
