"""The figures the warehouse must arrive at, summed over sessions made as sessions. Sessionises nothing."""

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

from footfall.simulator.session import MINUTE, Session
from footfall.simulator.traffic import generate, simulate

ENGAGED_MS, ENGAGED_SCROLL, ENGAGED_CLICKS = 10_000, 25, 3
ENGAGED_TIME_CAP = 30 * MINUTE
_COUNTED = {
    "visits": ("page_viewed",),
    "messages_sent": ("message_sent",),
    "messages_received": ("message_received",),
    "widget_loads": ("widget_loaded",),
    "widget_opens": ("widget_opened",),
    "errors": ("widget_error", "api_error", "payment_failed"),
}


def truth(days: int, events: int, seed: int, until: date) -> dict[str, Any]:
    """Return, per site and local day of session start, what was made, and in all how much is sent."""
    sites: dict[str, dict[str, dict[str, int]]] = {}
    made = 0
    for site, day, sessions in simulate(days, events, seed, until):
        sites.setdefault(site, {})[day.isoformat()] = _day_figures(sessions)
        made += sum(len(session.events) for session in sessions)
    posted = sum(1 for _ in generate(days, events, seed, until))
    return {"sites": sites, "totals": {"events": made, "duplicates": posted - made, "posted": posted}}


def _day_figures(sessions: list[Session]) -> dict[str, int]:
    human = [session for session in sessions if not session.device.is_bot]
    visitors = {id(session.device) for session in human}
    new = {id(session.device) for session in human if session.start_cause == "first_visit"}
    names = Counter(event["event_name"] for session in human for event in session.events)
    kinds = Counter(session.device.browser.kind for session in human)
    return {
        "sessions": len(sessions),
        "bot_sessions": len(sessions) - len(human),
        "session_count": len(human),
        "session_seconds_total": sum((session.times[-1] - session.times[0]) // 1000 for session in human),
        "engaged_ms_total": sum(engaged_ms(session) for session in human),
        "engaged_sessions": sum(is_engaged(session) for session in human),
        "unique_users": len(visitors),
        "new_users": len(new),
        "returning_users": len(visitors - new),
        "total_conversations": sum(
            any(event["event_name"] == "message_sent" for event in session.events) for session in human
        ),
        **{figure: sum(names[name] for name in counted) for figure, counted in _COUNTED.items()},
        **{f"{kind}_sessions": kinds[kind] for kind in ("desktop", "mobile", "tablet")},
    }


def is_engaged(session: Session) -> bool:
    """Say whether at least two of the three criteria hold."""
    pings = _pings(session)
    scroll_depth = max((ping["scroll_depth"] for ping in pings), default=0)
    clicks = sum(ping["clicks"] for ping in pings)
    return (engaged_ms(session) >= ENGAGED_MS) + (scroll_depth >= ENGAGED_SCROLL) + (clicks >= ENGAGED_CLICKS) >= 2


def engaged_ms(session: Session) -> int:
    """Sum the pings; where there is none, the time from each page view to whatever comes next, capped."""
    if pings := _pings(session):
        return sum(ping["engaged_ms"] for ping in pings)
    ordered = sorted(
        (at, event["event_id"], event["event_name"]) for at, event in zip(session.times, session.events, strict=True)
    )
    return sum(
        min(following[0] - at, ENGAGED_TIME_CAP)
        for (at, _, event_name), following in pairwise(ordered)
        if event_name == "page_viewed"
    )


def _pings(session: Session) -> list[dict[str, int]]:
    return [event["properties"] for event in session.events if event["event_name"] == "page_engaged"]
