"""A chat widget: conversations, messages, how fast the answer is, and errors."""

from serving.charts.chart import Chart
from serving.charts.days import days
from serving.page.card import Answered, Card, Column, Draw, Page, Tile
from serving.page.words import Kind

_CONVERSATIONS = Column("conversation_count", "Conversations", means="daily_stats.total_conversations")
_NO_MESSAGES = "No messages on these days. The widget sends `message_sent` and `message_received`."


def _by_day(value: str, heading: str, second: str = "", second_heading: str = "") -> Draw:
    """Return how to draw one or two columns day by day. A day without a row, or with null, is no point of the line."""

    def draw(answered: Answered) -> Chart | None:
        found = {row["event_date"]: row for row in answered.rows}
        rows = [
            {
                "day": day.isoformat(),
                "value": _drawn(found.get(day, {}).get(value)),
                "second": _drawn(found.get(day, {}).get(second)),
                "link": answered.view.address(first=day, last=day),
            }
            for day in answered.view.dates
        ]
        is_drawn = any(row["value"] is not None for row in rows)
        return days(rows, heading, second_heading) if is_drawn else None

    return draw


def _drawn(value: object) -> float | None:
    return None if value is None else float(str(value))


PAGE = Page(
    "widget",
    "Widget",
    "Conversations in the chat widget, how fast they are answered, and what failed.",
    tiles=(
        Tile(_CONVERSATIONS),
        Tile(Column("conversation_percent", "Of sessions", Kind.PERCENT)),
        Tile(Column("messages_sent_count", "Messages sent")),
        Tile(Column("messages_received_count", "Messages received")),
        Tile(Column("widget_opened_count", "Widget opened")),
        Tile(Column("error_count", "Errors"), more_is="bad"),
    ),
    cards=(
        Card(
            "conversations",
            "Conversations and errors by day",
            "daily_messages",
            (
                Column("event_date", "Day", Kind.DAY, filters="day"),
                _CONVERSATIONS,
                Column("messages_sent_count", "Sent", means="daily_stats.messages_sent"),
                Column("messages_received_count", "Received", means="daily_stats.messages_received"),
                Column("widget_loaded_count", "Loaded", means="daily_stats.widget_loads"),
                Column("widget_opened_count", "Opened", means="daily_stats.widget_opens"),
                Column("error_count", "Errors", means="daily_stats.error_count"),
            ),
            _by_day("conversation_count", "conversations", "error_count", "errors"),
            is_wide=True,
            empty=_NO_MESSAGES,
        ),
        Card(
            "response",
            "Response time by day",
            "daily_messages",
            (
                Column("event_date", "Day", Kind.DAY, filters="day"),
                Column("avg_response_seconds", "Seconds", means="daily_stats.avg_response_time_ms"),
                Column("messages_received_count", "Received", means="daily_stats.messages_received"),
            ),
            _by_day("avg_response_seconds", "seconds until the answer"),
            is_wide=True,
            empty=_NO_MESSAGES,
            note="The mean of what messages report as `response_ms`, in seconds.",
        ),
    ),
)
