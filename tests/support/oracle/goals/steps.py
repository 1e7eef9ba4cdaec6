"""Which events take a step, and in which order."""

import re


def takes(event, step) -> bool:
    """Whether an event is of the step's name, and on a page of its path."""
    if event["event_name"] != step.event_name:
        return False
    pattern = ".*".join(map(re.escape, step.page_path.split("*"))) if step.page_path else None
    return pattern is None or (event["page_path"] is not None and bool(re.fullmatch(pattern, event["page_path"], re.S)))


def in_time(event):
    """Events of a day in time order, on whichever session."""
    return event["occurred_at"], event["session_id"], event["position"]
