"""Goals and funnels, from the events of people and the rows of their sessions."""

import re
from collections import defaultdict
from decimal import Decimal

from tests.support.oracle.events import number, text, written
from tests.support.oracle.tables import by, distinct


def daily_goals(happened, sessions, goals) -> list[dict]:
    """One row per site, day, goal, channel and currency. A session and a visitor count in the row of the first."""
    channels = {(row["site_id"], row["session_id"]): row["channel"] or "(none)" for row in sessions}
    made: dict = defaultdict(lambda: {"conversion_count": 0, "session_count": 0, "visitor_count": 0, "value": None})
    for goal in goals:
        reached = [
            event
            for event in happened
            if event["site_id"] == goal.site_id
            and takes(event, goal.step)
            and (goal.property is None or said(event, goal.property) == goal.property_value)
        ]
        for (site, day), own in by(reached, "site_id", "event_date"):
            seen = set()
            for event in sorted(own, key=in_time):
                currency = (goal.value_property and text(event, "currency")) or ""
                known = currency.upper() if re.fullmatch("[A-Za-z]{3}", currency) else "(none)"
                row = made[site, day, goal.name, channels[site, event["session_id"]], known]
                row["conversion_count"] += 1
                for counted, one in (("session_count", event["session_id"]), ("visitor_count", event["visitor_id"])):
                    row[counted] += (counted, one) not in seen
                    seen.add((counted, one))
                if goal.value_property and (worth := number(event, goal.value_property)) is not None:
                    row["value"] = (row["value"] or Decimal(0)) + worth
    keys = ("site_id", "event_date", "goal", "channel", "currency")
    return [dict(zip(keys, key, strict=True)) | row for key, row in made.items()]


def daily_funnels(happened, funnels) -> list[dict]:
    """One row per site, day, funnel and step: visitors who took it after those before it, each by an event of its own."""
    made = []
    for funnel in funnels:
        of_site = [event for event in happened if event["site_id"] == funnel.site_id]
        for (day,), own in by(of_site, "event_date"):
            came = [
                far(sorted(events, key=in_time), funnel.steps) | {"visitor": visitor}
                for (visitor,), events in by(own, "visitor_id")
            ]
            entered = distinct([each for each in came if each["steps"] > 0], "visitor")
            made += [
                {
                    "site_id": funnel.site_id,
                    "event_date": day,
                    "funnel": funnel.name,
                    "step_number": place,
                    "step": str(step),
                    "entered": entered,
                    "reached": sum(each["steps"] >= place for each in came),
                }
                for place, step in enumerate(funnel.steps, 1)
                if entered
            ]
    return made


def far(events, steps) -> dict:
    """How many of the steps a visitor took, always at the next event that takes one."""
    taken = 0
    for event in events:
        if taken < len(steps) and takes(event, steps[taken]):
            taken += 1
    return {"steps": taken}


def takes(event, step) -> bool:
    """Whether an event is of the step's name, and on a page of its path."""
    if event["event_name"] != step.event_name:
        return False
    pattern = ".*".join(map(re.escape, step.page_path.split("*"))) if step.page_path else None
    return pattern is None or (event["page_path"] is not None and bool(re.fullmatch(pattern, event["page_path"], re.S)))


def said(event, name):
    """A property as text, as it was sent; None where it is missing."""
    value = event["properties"].get(name)
    return None if value is None else written(value)


def in_time(event):
    """Events of a day in time order, on whichever session."""
    return event["occurred_at"], event["session_id"], event["position"]
