"""The figures of funnels."""

from tests.support.oracle.goals.steps import in_time, takes
from tests.support.oracle.tables import by


def daily_funnels(happened, funnels) -> list[dict]:
    """One row per site, day, funnel and step: visitors who took it after those before it, each by an event of its own."""
    made = []
    for funnel in funnels:
        of_site = [event for event in happened if event["site_id"] == funnel.site_id]
        for (day,), own in by(of_site, "event_date"):
            came = [far(sorted(events, key=in_time), funnel.steps) for _, events in by(own, "visitor_id")]
            entered = sum(steps > 0 for steps in came)
            made += [
                {
                    "site_id": funnel.site_id,
                    "event_date": day,
                    "funnel": funnel.name,
                    "step_number": place,
                    "step": str(step),
                    "entered": entered,
                    "reached": sum(steps >= place for steps in came),
                }
                for place, step in enumerate(funnel.steps, 1)
                if entered
            ]
    return made


def far(events, steps) -> int:
    """How many of the steps a visitor took, always at the next event that takes one."""
    taken = 0
    for event in events:
        if taken < len(steps) and takes(event, steps[taken]):
            taken += 1
    return taken
