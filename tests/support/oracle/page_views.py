"""Page views: each lasts until the next one of its session, or the session's end."""

from hashlib import md5

from tests.support.oracle.events import path
from tests.support.oracle.sessions import SECOND, clicks, engaged_time, scroll_depth


def page_views(session, row) -> list[dict]:
    """A row for each page view of a session, whose own row is given."""
    starts = [n for n, event in enumerate(session.events) if event["event_name"] == "page_viewed"]
    has_pings = any(event["event_name"] == "page_engaged" for event in session.events)
    made = []
    for position, start in enumerate(starts, 1):
        end = starts[position] if position < len(starts) else len(session.events)
        view, *others = session.events[start:end]
        exited_at = session.events[end]["occurred_at"] if end < len(session.events) else session.end
        made.append(
            {
                "site_id": session.site,
                "page_view_id": session.id[:8] + md5(f"{session.id}|{view['event_id']}".encode()).hexdigest()[:24],
                "session_id": session.id,
                "event_date": session.date,
                "visitor_id": session.visitor,
                "user_id": session.user_id,
                "is_bot": row["is_bot"],
                "position": position,
                "page_path": path(view["page_url"]),
                "page_title": view["page_title"],
                "page_type": view["page_type"],
                "page_identifier": view["page_identifier"],
                "entered_at": view["occurred_at"],
                "exited_at": exited_at,
                "duration_seconds": (exited_at - view["occurred_at"]) // SECOND,
                "engaged_seconds": engaged_time(session.events[start : end + 1], has_pings) // SECOND,
                "scroll_depth_percent": scroll_depth(others),
                "click_count": clicks(others),
                "is_entry": position == 1,
                "is_exit": position == len(starts),
                "is_engaged_session": row["is_engaged"],
                "is_bounce": row["is_bounce"],
            }
        )
    return made
