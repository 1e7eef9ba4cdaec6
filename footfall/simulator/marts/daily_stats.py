"""The rows of daily_stats, from those of sessions, commerce_events and orders."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from footfall.simulator.marts.rows import Row, grouped, revenue, rounded

_TOP = 10


def daily_rows(sessions: Iterable[Row], events: Iterable[Row], orders: Iterable[Row]) -> list[Row]:
    """One row per site and day on which people had sessions."""
    failed = [event for event in events if event["event_name"] == "payment_failed"]
    failures = dict(_by_day(failed, "event_date"))
    bought = dict(_by_day(orders, "event_date"))
    rows = []
    for (site, day), own in _by_day(sessions, "event_date"):
        mine = bought.get((site, day), [])
        rows.append(
            {
                "site_id": site,
                "event_date": day,
                **_visitors(own),
                **_chat(own),
                **_tops(own),
                **{f"{kind}_sessions": _count(own, "device_type", kind) for kind in ("desktop", "mobile", "tablet")},
                "orders": _count(mine, "order_type", "order"),
                "bookings": _count(mine, "order_type", "booking"),
                "payment_failures": len(failures.get((site, day), [])),
                "revenue": revenue(mine),
            }
        )
    return rows


def _by_day(rows: Iterable[Row], day: str) -> list[tuple[tuple[Any, ...], list[Row]]]:
    return grouped((row for row in rows if not row["is_bot"]), lambda row: (row["site_id"], row[day]))


def _visitors(sessions: list[Row]) -> Row:
    visitors = {session["visitor_id"] for session in sessions}
    new = {session["visitor_id"] for session in sessions if session["start_cause"] == "first_visit"}
    seconds = sum(session["duration_seconds"] for session in sessions)
    return {
        "session_count": len(sessions),
        "session_seconds_total": seconds,
        "avg_session_duration_seconds": rounded(seconds, len(sessions)),
        "engaged_sessions": sum(session["is_engaged"] for session in sessions),
        "visits": _sum(sessions, "page_view_count"),
        "unique_users": len(visitors),
        "new_users": len(new),
        "returning_users": len(visitors - new),
        "error_count": _sum(sessions, "error_count"),
    }


def _chat(sessions: list[Row]) -> Row:
    conversations = sum(session["had_conversation"] for session in sessions)
    sent, received = _sum(sessions, "messages_sent_count"), _sum(sessions, "messages_received_count")
    responses = _sum(sessions, "response_count")
    return {
        "total_conversations": conversations,
        "conversation_rate": rounded(conversations, len(sessions), 4),
        "conversion_rate": rounded(100 * conversations, len(sessions)),
        "messages_sent": sent,
        "messages_received": received,
        "avg_messages_per_session": rounded(sent + received, len(sessions)),
        "widget_loads": _sum(sessions, "widget_loaded_count"),
        "widget_opens": _sum(sessions, "widget_opened_count"),
        "avg_response_time_ms": rounded(_sum(sessions, "response_ms_total"), responses) if responses else None,
    }


def _tops(sessions: list[Row]) -> Row:
    return {
        "top_referrers": _top(sessions, lambda session: session["referrer_host"] or "(direct)"),
        "top_landing_pages": _top(sessions, lambda session: session["landing_page"]),
        "utm_sources": _top(sessions, lambda session: session["utm_source"]),
    }


def _top(sessions: list[Row], name: Callable[[Row], str | None]) -> list[Row] | None:
    counts = Counter(name(session) for session in sessions if name(session))
    ranked = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return [{"name": name, "count": count} for name, count in ranked[:_TOP]] or None


def _sum(sessions: list[Row], column: str) -> int:
    return sum(session[column] for session in sessions)


def _count(rows: list[Row], column: str, value: str) -> int:
    return sum(row[column] == value for row in rows)
