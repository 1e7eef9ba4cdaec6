"""The simulator's traffic as the collector takes it, in the form that the oracle reads."""

from datetime import date, datetime

from footfall.simulator.traffic import generate


def accepted(days: int, events: int, seed: int, until: date, **received) -> list[dict]:
    """The events of `generate`, in the order they are sent. Without sent_at an event occurred when its client says.

    `received` are fields that the collector adds to each, such as `ip`.
    """
    return [
        {
            "anonymous_id": None,
            "user_id": None,
            "properties": {},
            **sent.event,
            **received,
            "site_id": sent.site,
            "user_agent": sent.user_agent,
            "occurred_at": datetime.fromisoformat(sent.event["client_timestamp"]),
        }
        for sent in generate(days, events, seed, until)
    ]
