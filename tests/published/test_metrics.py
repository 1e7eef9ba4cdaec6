"""MetricFlow gives the same figures as SQL on the published marts."""

import csv

import pytest

from tests.conftest import rows

SESSIONS = "select {} from marts.sessions where not is_bot and site_id = :site and session_date = :day"
CONVERSIONS = "(select count(*) from marts.conversions c where (c.site_id, c.session_id) in (select s.site_id, s.session_id from marts.sessions s where not s.is_bot) and site_id = :site and conversion_date = :day)"
BY_SITE_AND_DAY = {
    "sessions": SESSIONS.format("count(*)"),
    "visitors": SESSIONS.format("count(distinct visitor_id)"),
    "engaged_sessions": SESSIONS.format("count(*) filter (where is_engaged)"),
    "engagement_rate": SESSIONS.format("avg(is_engaged::int)"),
    "page_views": SESSIONS.format("sum(page_view_count)"),
    "conversations": SESSIONS.format("count(*) filter (where had_conversation)"),
    "conversation_rate": "select conversion_rate / 100 from marts.daily_stats where site_id = :site and stat_date = :day",
    "conversions": f"select {CONVERSIONS}",
    "conversion_rate": SESSIONS.format(f"1.0 * {CONVERSIONS} / count(distinct visitor_id)"),
}


@pytest.fixture(scope="session")
def query(command, tmp_path_factory):
    """Ask MetricFlow; the answer by what it is grouped by."""

    def ask(metrics, *group_by):
        file = tmp_path_factory.mktemp("metrics") / "answer.csv"
        given = command(
            "metrics", "query", "--metrics", ",".join(metrics), "--group-by", ",".join(group_by), "--csv", str(file)
        )
        assert given.returncode == 0, given.stdout + given.stderr
        with file.open() as lines:
            return {
                tuple(row[key] for key in group_by): {metric: row[metric] for metric in metrics}
                for row in csv.DictReader(lines)
            }

    return ask


def test_each_metric_is_what_sql_on_the_marts_gives(published, query):
    found = query(BY_SITE_AND_DAY, "metric_time__day", "site")
    assert len(found) == 3
    for (day, site), figures in found.items():
        for metric, sql in BY_SITE_AND_DAY.items():
            ((expected,),) = rows(published.engine, sql, site=site, day=day[:10])
            assert float(figures[metric] or 0) == pytest.approx(float(expected), abs=0.0001), (metric, day, site)


def test_metrics_leave_robots_out(query):
    found = query(["sessions", "conversions"], "session__is_bot")
    print(found)
    assert set(found) == {("False",)}
