"""The rows of page_views and daily_page_stats."""

from collections.abc import Iterable
from typing import Any

from footfall.simulator.engagement import ENGAGED_TIME_CAP, engagement, pings_of
from footfall.simulator.marts.rows import Row, grouped
from footfall.simulator.marts.sessions import path_of
from footfall.simulator.session import Session


def page_view_rows(sessions: Iterable[Session]) -> list[Row]:
    """One row per page view."""
    return [row for session in sessions for row in _visits(session)]


def daily_page_rows(visits: Iterable[Row]) -> list[Row]:
    """One row per site, day and path that people viewed."""
    return [
        {
            "site_id": site,
            "event_date": day,
            "page_path": path,
            "page_view_count": len(own),
            "anonymous_page_view_count": sum(visit["user_id"] is None for visit in own),
            "visitor_count": len({visit["visitor_id"] for visit in own}),
            "session_count": len({visit["session_id"] for visit in own}),
            "engaged_session_count": len({visit["session_id"] for visit in own if visit["is_engaged_session"]}),
            "page_view_seconds_total": sum(visit["duration_seconds"] for visit in own),
            "entry_count": sum(visit["is_entry"] for visit in own),
            "exit_count": sum(visit["is_exit"] for visit in own),
            "bounce_count": sum(visit["is_entry"] and visit["is_bounce"] for visit in own),
        }
        for (site, day, path), own in grouped(
            (visit for visit in visits if not visit["is_bot"]),
            lambda visit: (visit["site_id"], visit["event_date"], visit["page_path"]),
        )
    ]


def _visits(session: Session) -> list[Row]:
    moments = session.in_order()
    starts = [number for number, (_, event) in enumerate(moments) if event["event_name"] == "page_viewed"]
    sends_pings, measured = bool(pings_of(session.events)), engagement(session)
    common = {
        "site_id": session.site,
        "session_id": session.id,
        "event_date": session.day,
        "visitor_id": session.visitor_id,
        "user_id": session.user_id,
        "is_bot": session.device.is_bot,
        "is_engaged_session": measured.is_engaged,
        "is_bounce": measured.is_bounce,
    }
    rows = []
    for position, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), 1):
        entered_at, view = moments[start]
        exited_at = moments[-1][0] if end is None else moments[end][0]
        row = {
            "position": position,
            "page_path": path_of(view),
            "page_title": view["page_title"],
            "page_type": view["page_type"],
            "page_identifier": view.get("page_identifier"),
            "entered_at": entered_at,
            "exited_at": exited_at,
            "duration_seconds": (exited_at - entered_at) // 1000,
            "is_entry": position == 1,
            "is_exit": position == len(starts),
        }
        next_at = moments[start + 1][0] if start + 1 < len(moments) else entered_at
        rows.append(common | row | _attention(moments[start:end], sends_pings, next_at - entered_at))
    return rows


def _attention(moments: list[tuple[int, dict[str, Any]]], sends_pings: bool, until_next_ms: int) -> Row:
    pings = pings_of([event for _, event in moments])
    pinged_ms = sum(ping["engaged_ms"] for ping in pings)
    return {
        "engaged_seconds": (pinged_ms if sends_pings else min(until_next_ms, ENGAGED_TIME_CAP)) // 1000,
        "scroll_depth_percent": max((ping["scroll_depth"] for ping in pings), default=0),
        "click_count": sum(ping["clicks"] for ping in pings),
    }
