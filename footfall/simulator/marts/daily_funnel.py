"""The rows of daily_funnel."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from footfall.simulator.marts.commerce_events import PAYMENTS, SUCCESSES
from footfall.simulator.marts.rows import Row, grouped
from footfall.simulator.session import Session

STEPS = ("visit", "category", "offer", "checkout", "payment", "purchase")


def funnel_rows(sessions: Iterable[Session]) -> list[Row]:
    """One row per site, day and step that people's sessions reached."""
    rows = []
    for (site, day), own in grouped(sessions, lambda session: (session.site, session.day)):
        journeys = [_moments(session) for session in own]
        for number, step in enumerate(STEPS, 1):
            entered = [journey for journey in journeys if journey[step]]
            waits = [wait for journey in entered if (wait := _until_later(journey, number)) is not None]
            if entered:
                rows.append(
                    {
                        "site_id": site,
                        "event_date": day,
                        "step_number": number,
                        "step": step,
                        "entered": len(entered),
                        "completed": len(waits),
                        "abandoned": len(entered) - len(waits),
                        "median_seconds": median(waits) if waits and step != STEPS[-1] else None,
                    }
                )
    return rows


def _moments(session: Session) -> dict[str, list[int]]:
    """All moments at which a session is at a step, in order."""
    moments = session.in_order()
    found = {step: [at for at, event in moments if step in _steps(event)] for step in STEPS}
    return found | {"visit": [moments[0][0]]}


def _steps(event: dict[str, Any]) -> set[str]:
    name = event["event_name"]
    return {
        *([event["page_type"]] if name == "page_viewed" and event["page_type"] in ("category", "offer") else []),
        *(["checkout"] if name == "checkout_started" else []),
        *(["payment"] if name in PAYMENTS else []),
        *(["purchase"] if name in SUCCESSES else []),
    }


def _until_later(journey: dict[str, list[int]], number: int) -> int | None:
    """Whole seconds from first entering a step to the first later step from then on; None without one."""
    entered_at = journey[STEPS[number - 1]][0]
    if number == len(STEPS):
        return 0
    later = [at for step in STEPS[number:] for at in journey[step] if at >= entered_at]
    return (min(later) - entered_at) // 1000 if later else None
