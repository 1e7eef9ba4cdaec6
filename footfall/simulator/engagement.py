"""How engaged a session was, by the rules of the warehouse read plainly. Knows one session at a time."""

from itertools import pairwise

from footfall.simulator.session import MINUTE, Session

ENGAGED_MS, ENGAGED_SCROLL, ENGAGED_CLICKS = 10_000, 25, 3
ENGAGED_TIME_CAP = 30 * MINUTE


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
