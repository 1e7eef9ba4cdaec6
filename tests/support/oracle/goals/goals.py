"""The figures of goals."""

import re
from collections import defaultdict
from decimal import Decimal

from tests.support.oracle.events import number, text, written
from tests.support.oracle.goals.steps import in_time, takes
from tests.support.oracle.tables import by


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


def said(event, name):
    """A property as text, as it was sent; None where it is missing."""
    value = event["properties"].get(name)
    return None if value is None else written(value)
