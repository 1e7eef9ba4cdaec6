"""How engaged a session was, by the rules of the warehouse read plainly. Knows one session at a time."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from footfall.simulator.session import MINUTE, Session

ENGAGED_MS, ENGAGED_SCROLL, ENGAGED_CLICKS = 10_000, 25, 3
ENGAGED_TIME_CAP = 30 * MINUTE
KEY_EVENTS = ("user_signed_up", "order_placed", "booking_placed")


@dataclass(frozen=True)
class Engagement:
    """What was measured of a session, and what that means."""

    engaged_ms: int
    scroll_depth: int
    clicks: int
    page_views: int
    has_key_event: bool

    @property
    def criteria(self) -> tuple[bool, bool, bool]:
        """Whether it was engaged by time, by scroll and by clicks."""
        return self.engaged_ms >= ENGAGED_MS, self.scroll_depth >= ENGAGED_SCROLL, self.clicks >= ENGAGED_CLICKS

    @property
    def is_engaged(self) -> bool:
        """Whether at least two of the three criteria hold."""
        return sum(self.criteria) >= 2

    @property
    def is_engaged_ga4(self) -> bool:
        """Whether Google Analytics 4 would call it engaged."""
        return self.engaged_ms > 10_000 or self.page_views >= 2 or self.has_key_event

    @property
    def is_bounce(self) -> bool:
        """Whether it is one page view, not engaged."""
        return self.page_views == 1 and not self.is_engaged


def engagement(session: Session) -> Engagement:
    """Measure a session."""
    names = [event["event_name"] for event in session.events]
    pings = pings_of(session.events)
    return Engagement(
        engaged_ms=sum(ping["engaged_ms"] for ping in pings) if pings else _viewed_ms(session),
        scroll_depth=max((ping["scroll_depth"] for ping in pings), default=0),
        clicks=sum(ping["clicks"] for ping in pings),
        page_views=names.count("page_viewed"),
        has_key_event=any(name in KEY_EVENTS for name in names),
    )


def pings_of(events: list[dict[str, Any]]) -> list[dict[str, int]]:
    """Return what the pings among these events say."""
    return [event["properties"] for event in events if event["event_name"] == "page_engaged"]


def _viewed_ms(session: Session) -> int:
    """Where there is no ping, the time from each page view to whatever comes next counts, capped."""
    return sum(
        min(after - at, ENGAGED_TIME_CAP)
        for (at, event), (after, _) in pairwise(session.in_order())
        if event["event_name"] == "page_viewed"
    )
