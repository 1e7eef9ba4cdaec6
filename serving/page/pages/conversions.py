"""Anonymous visitors who signed in for the first time: from where they came, and what they did before."""

from serving.page.card import Card, Column, Page, Tile, bars_of
from serving.page.words import Kind

_PERCENT = Column("conversion_percent", "Share", Kind.PERCENT)
_NONE = "No visitor whose first day is one of these signed in. Choose other days."

PAGE = Page(
    "conversions",
    "Conversions",
    "Anonymous visitors who became known: from where they came, and what they did before.",
    tiles=(
        Tile(Column("conversion_count", "Conversions")),
        Tile(Column("avg_page_view_count", "Page views before, mean"), more_is=""),
        Tile(Column("median_page_view_count", "Page views before, median"), more_is=""),
        Tile(Column("avg_session_count", "Sessions before, mean"), more_is=""),
        Tile(Column("avg_seconds", "Time before, mean", Kind.SECONDS), more_is=""),
    ),
    tiles_of="pages_before_conversion",
    cards=(
        Card(
            "sources",
            "By source of the first session",
            "converting_sources",
            (
                Column("first_source", "Source", Kind.TEXT, means="visitors.first_source"),
                Column("first_channel", "Channel", Kind.TEXT, means="visitors.first_channel"),
                Column("visitor_count", "Visitors"),
                Column("conversion_count", "Converted"),
                _PERCENT,
            ),
            bars_of("first_source first_medium", "conversion_count", "source", "conversions", "conversion_percent"),
            given={"rows": 10},
            empty=_NONE,
            note="Of visitors whose first day is one of these. The share is that of the source's visitors.",
        ),
        Card(
            "landing_pages",
            "By first page",
            "converting_landing_pages",
            (
                Column("first_landing_page", "Page", Kind.TEXT, means="visitors.first_landing_page"),
                Column("visitor_count", "Visitors"),
                Column("conversion_count", "Converted"),
                _PERCENT,
            ),
            bars_of("first_landing_page", "conversion_count", "page", "conversions", "conversion_percent"),
            given={"rows": 10},
            empty=_NONE,
        ),
        Card(
            "conversions",
            "Newest conversions",
            "conversions",
            (
                Column("user_id", "Customer", Kind.TEXT, filters="user", leads_to="customers"),
                Column("converted_at", "When", Kind.MOMENT, means="conversions.converted_at"),
                Column("channel", "Channel", Kind.TEXT, means="conversions.channel"),
                Column("landing_page", "First page", Kind.TEXT, means="conversions.landing_page"),
                Column("anonymous_session_count", "Sessions before"),
                Column("anonymous_page_view_count", "Page views before"),
                Column("anonymous_seconds", "Time before", Kind.SECONDS, means="conversions.anonymous_seconds"),
            ),
            given={"rows": 50},
            is_wide=True,
            empty="No visitor signed in for the first time on these days.",
        ),
    ),
)
