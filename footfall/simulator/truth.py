"""The figures the warehouse must arrive at, summed over sessions made as sessions. Sessionises nothing."""

from collections import Counter
from datetime import date
from typing import Any

from footfall.simulator.engagement import engaged_ms, is_engaged
from footfall.simulator.session import Session
from footfall.simulator.tables import converting, device_rows, event_rows, traffic_rows
from footfall.simulator.traffic import generate, simulate

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
    sites: dict[str, dict[str, dict[str, Any]]] = {}
    made = 0
    known: set[str] = set()
    for site, day, sessions in simulate(days, events, seed, until):
        human = [session for session in sessions if not session.device.is_bot]
        sites.setdefault(site, {})[day.isoformat()] = _day_figures(sessions, human) | {
            "daily_event_stats": event_rows(human),
            "daily_traffic": traffic_rows(human, converting(human, known)),
            "daily_devices": device_rows(human),
        }
        made += sum(len(session.events) for session in sessions)
    posted = sum(1 for _ in generate(days, events, seed, until))
    return {"sites": sites, "totals": {"events": made, "duplicates": posted - made, "posted": posted}}


def _day_figures(sessions: list[Session], human: list[Session]) -> dict[str, int]:
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
