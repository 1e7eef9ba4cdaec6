"""What people reached: goals and funnels of the site's own, and who signed in for the first time."""

from serving.page.card import Card, Column, Page, Tile, bars_of
from serving.page.words import Kind

_PERCENT = Column("conversion_percent", "Share", Kind.PERCENT)
_COUNTED = (
    Column("conversion_count", "Conversions", means="daily_goals.conversion_count"),
    Column("session_count", "Sessions", means="daily_goals.session_count"),
    Column("session_percent", "Share", Kind.PERCENT),
    Column("value", "Value", Kind.MONEY, means="daily_goals.value"),
    Column("currency", "Currency", Kind.TEXT, means="daily_goals.currency"),
)
_NO_GOAL = "No goal was reached on these days. `footfall goal add` adds one, and the next night counts it."
_NONE = "No visitor whose first day is one of these signed in. Choose other days."

PAGE = Page(
    "conversions",
    "Conversions",
    "Goals and funnels of your own; and anonymous visitors who became known: from where, and what they did before.",
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
            "goals",
            "Goals",
            "goals",
            (Column("goal", "Goal", Kind.TEXT, means="daily_goals.goal"), *_COUNTED),
            bars_of("goal currency", "session_count", "goal", "sessions", "session_percent"),
            empty=_NO_GOAL,
            note="The share is that of all sessions. A session counts once for a goal, where it reached it first.",
        ),
        Card(
            "funnels",
            "Funnels",
            "funnels",
            (
                Column("funnel", "Funnel", Kind.TEXT, means="daily_funnels.funnel"),
                Column("step", "Step", Kind.TEXT, means="daily_funnels.step"),
                Column("reached", "Visitors", means="daily_funnels.reached"),
                Column("lost_before", "Lost before it"),
                Column("of_entered_percent", "Of all who entered", Kind.PERCENT),
            ),
            bars_of("funnel step", "reached", "step", "visitors", "of_entered_percent"),
            empty="No visitor entered a funnel on these days. `footfall funnel add` adds one.",
            note="A visitor counts on each day. The steps are taken in this order, within the sessions of one day.",
        ),
        Card(
            "goal_channels",
            "Goals by channel",
            "goal_channels",
            (
                Column("goal", "Goal", Kind.TEXT, means="daily_goals.goal"),
                Column("channel", "Channel", Kind.TEXT, means="daily_goals.channel", filters="channel"),
                *_COUNTED,
            ),
            given={"rows": 50},
            is_wide=True,
            empty=_NO_GOAL,
            note="The share is that of the channel's sessions.",
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
