"""Page views: each lasts until the next one of its session, or the session's end."""

from hashlib import md5
from urllib.parse import urlsplit

from tests.support.oracle.events import page_host, path
from tests.support.oracle.sessions import SECOND, clicks, pinged, pings_of_views, scroll_depth, viewed


def page_views(session, row) -> list[dict]:
    """A row for each page view of a session, whose own row is given."""
    views = viewed(session)
    has_pings = any(event["event_name"] == "page_engaged" for event in session.events)
    known_at = row["identified_at"]
    anonymous_count = len(views) if session.user_id is None else row["anonymous_page_view_count"] or 0
    made = []
    for position, ((number, exited_at, time_viewed), pings) in enumerate(
        zip(views, pings_of_views(session), strict=True), 1
    ):
        view = session.events[number]
        made.append(
            {
                "site_id": session.site,
                "page_view_id": session.id[:8] + md5(f"{session.id}|{view['event_id']}".encode()).hexdigest()[:24],
                "session_id": session.id,
                "event_date": session.date,
                "visitor_id": session.visitor,
                "user_id": session.user_id,
                "identified_at": known_at,
                "is_anonymous": position <= anonymous_count,
                "is_bot": row["is_bot"],
                "position": position,
                "client_page_view_id": view["page_view_id"],
                "page_host": page_host(view),
                "page_path": path(view["page_url"]),
                "page_query": urlsplit(view["page_url"] or "").query or None,
                "page_title": view["page_title"],
                "page_type": view["page_type"],
                "page_identifier": view["page_identifier"],
                "entered_at": view["occurred_at"],
                "exited_at": exited_at,
                "duration_seconds": (exited_at - view["occurred_at"]) // SECOND,
                "engaged_seconds": (pinged(pings) if has_pings else time_viewed) // SECOND,
                "scroll_depth_percent": scroll_depth(pings),
                "click_count": clicks(pings),
                "is_entry": position == 1,
                "is_exit": position == len(views),
                "is_engaged_session": row["is_engaged"],
                "is_bounce": row["is_bounce"],
            }
        )
    return made
