"""The first page of a site: how many came, from where, on which device, and what they looked at."""

from typing import Any

from serving.charts.chart import Chart
from serving.charts.days import days
from serving.page.card import Answered, Card, Column, Page, Tile, bars_of
from serving.page.words import Kind


def _by_day(answered: Answered) -> Chart:
    found = {row["event_date"]: row for row in answered.rows}
    earlier = {row["event_date"]: row["session_count"] for row in answered.before}
    dates, before = answered.view.dates, answered.view.before().dates
    rows = [
        {
            "day": day.isoformat(),
            "value": found[day]["session_count"] if day in found else 0,
            "second": found[day]["visitor_count"] if day in found else 0,
            "before": earlier.get(day_before, 0) if earlier else None,
            "link": answered.view.address(first=day, last=day),
        }
        for day, day_before in zip(dates, before, strict=True)
    ]
    return days(rows, "sessions", "visitors", "sessions before" if earlier else "")


_SESSIONS = Column("session_count", "Sessions", means="sessions")
_PERCENT = Column("session_percent", "Share", Kind.PERCENT)


def _shares(name: str, title: str, question: str, of: Column, *further: Column, **options: Any) -> Card:
    """Return the card of a question that has sessions and their share for each value of a column."""
    draw = bars_of(of.name, "session_count", of.heading.lower(), "sessions", "session_percent")
    return Card(name, title, question, (of, _SESSIONS, _PERCENT, *further), draw, given={"rows": 10}, **options)


PAGE = Page(
    "overview",
    "Overview",
    "How many people came, from where, on what, and what they looked at.",
    tiles=(
        Tile(_SESSIONS),
        Tile(Column("visitor_count", "Visitors", means="visitors")),
        Tile(Column("engaged_percent", "Engaged sessions", Kind.PERCENT, means="engaged_sessions")),
        Tile(Column("page_view_count", "Page views", means="page_views")),
        Tile(Column("avg_session_seconds", "Mean session", Kind.SECONDS, means="sessions.duration_seconds")),
        Tile(Column("new_visitor_count", "New visitors", means="daily_stats.new_users")),
    ),
    cards=(
        Card(
            "days",
            "By day",
            "daily_trends",
            (
                Column("event_date", "Day", Kind.DAY, means="daily_stats.event_date", filters="day"),
                _SESSIONS,
                Column("visitor_count", "Visitors", means="daily_stats.unique_users"),
                Column("new_visitor_count", "New", means="daily_stats.new_users"),
                Column("engaged_session_count", "Engaged", means="engaged_sessions"),
                Column("page_view_count", "Page views", means="page_views"),
                Column("avg_session_duration_seconds", "Mean session", Kind.SECONDS),
            ),
            _by_day,
            compares=True,
            is_wide=True,
        ),
        _shares(
            "channels",
            "Channels",
            "channels",
            Column("channel", "Channel", Kind.TEXT, means="sessions.channel", filters="channel"),
            Column("engaged_percent", "Engaged", Kind.PERCENT, means="engaged_sessions"),
        ),
        Card(
            "pages",
            "Pages",
            "popular_pages",
            (
                Column("page_path", "Page", Kind.TEXT, means="daily_page_stats.page_path", filters="path"),
                Column("page_view_count", "Views", means="page_views"),
                Column("avg_seconds", "Mean time", Kind.SECONDS, means="page_views.duration_seconds"),
                Column("entry_count", "Entries", means="daily_page_stats.entry_count"),
                Column("exit_count", "Exits", means="daily_page_stats.exit_count"),
            ),
            bars_of("page_path", "page_view_count", "page", "views"),
            given={"rows": 10},
        ),
        _shares(
            "devices",
            "Devices",
            "device_types",
            Column("device_type", "Device", Kind.TEXT, means="sessions.device_type", filters="device"),
        ),
        _shares(
            "places",
            "Places",
            "countries",
            Column("country_code", "Country", Kind.TEXT, means="sessions.country_code", filters="country"),
            Column("visitor_count", "Visitors", means="visitors"),
            is_below=True,
            note="Of the sessions that are kept. Without a table of places (setting `geoip_path`) all are unknown.",
        ),
    ),
)
