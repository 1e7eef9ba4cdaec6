"""Communities: which are visited, by whom, and one of them day by day."""

from serving.charts.chart import Chart
from serving.charts.days import days
from serving.page.card import Answered, Card, Column, Page, bars_of
from serving.page.words import Kind


def _by_day(answered: Answered) -> Chart:
    found = {row["event_date"]: row for row in answered.rows}
    rows = [
        {
            "day": day.isoformat(),
            "value": found[day]["visit_count"] if day in found else 0,
            "second": found[day]["visitor_count"] if day in found else 0,
            "link": answered.view.address(first=day, last=day),
        }
        for day in answered.view.dates
    ]
    return days(rows, "visits", "visitors")


PAGE = Page(
    "communities",
    "Communities",
    "Which communities are visited, and by whom. A click on one shows its days.",
    cards=(
        Card(
            "communities",
            "Communities",
            "communities",
            (
                Column("community_id", "Community", Kind.TEXT, filters="community"),
                Column("visit_count", "Visits", means="community_visits_daily.visit_count"),
                Column("avg_visitor_count", "Visitors a day", means="community_visits_daily.visitor_count"),
                Column("signed_in_percent", "Signed in", Kind.PERCENT),
                Column("cross_division_percent", "From other divisions", Kind.PERCENT),
            ),
            bars_of("community_id", "visit_count", "community", "visits"),
            given={"rows": 20},
            is_wide=True,
            empty="No community was visited on these days. Visits are events `community_visited`.",
        ),
        Card(
            "days",
            "The community by day",
            "daily_communities",
            (
                Column("event_date", "Day", Kind.DAY, filters="day"),
                Column("visit_count", "Visits", means="community_visits_daily.visit_count"),
                Column("visitor_count", "Visitors", means="community_visits_daily.visitor_count"),
                Column("signed_in_visitor_count", "Signed in"),
                Column("anonymous_visitor_count", "Anonymous"),
                Column("cross_division_visitor_count", "From other divisions"),
            ),
            _by_day,
            given={"rows": 1000},
            needs="community",
            is_wide=True,
            empty="No visit on these days.",
        ),
    ),
    takes=frozenset({"community"}),
)
