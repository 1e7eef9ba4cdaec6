"""The rows that daily tables must hold of one site and day, from sessions made as sessions.

Each row is a list: the key without site and day, then the figures in the order of the mart's columns.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from footfall.simulator.engagement import is_engaged
from footfall.simulator.session import Session


def event_rows(sessions: Iterable[Session]) -> list[list[Any]]:
    """Event name; events, sessions, visitors."""
    events: Counter[str] = Counter()
    found: dict[str, list[Session]] = defaultdict(list)
    for session in sessions:
        counts = Counter(event["event_name"] for event in session.events)
        events += counts
        for name in counts:
            found[name].append(session)
    return sorted([name, events[name], len(own), _visitors(own)] for name, own in found.items())


def traffic_rows(sessions: Iterable[Session], converting: Iterable[Session]) -> list[list[Any]]:
    """Channel, source, medium, campaign, referrer host; sessions, visitors, new visitors, engaged, conversions."""
    converted = Counter(session.traffic for session in converting)
    return [
        [
            *traffic,
            len(own),
            _visitors(own),
            sum(session.start_cause == "first_visit" for session in own),
            sum(is_engaged(session) for session in own),
            converted[traffic],
        ]
        for traffic, own in _grouped(sessions, lambda session: session.traffic)
    ]


def device_rows(sessions: Iterable[Session]) -> list[list[Any]]:
    """Device type, browser, operating system; sessions, visitors."""
    return [
        [*key, len(own), _visitors(own)]
        for key, own in _grouped(
            sessions,
            lambda session: (session.device.browser.kind, session.device.browser.name, session.device.browser.os),
        )
    ]


def converting(sessions: Iterable[Session], known: set[str]) -> list[Session]:
    """Sessions, in order of their start, in which a device gets to know its first user; `known` grows by it."""
    found = []
    for session in sessions:
        device = session.device.anonymous_id
        if device and device not in known and any("user_id" in event for event in session.events):
            known.add(device)
            found.append(session)
    return found


def _grouped(sessions: Iterable[Session], key: Callable[[Session], Any]) -> list[tuple[Any, list[Session]]]:
    groups: dict[Any, list[Session]] = defaultdict(list)
    for session in sessions:
        groups[key(session)].append(session)
    return sorted(groups.items())


def _visitors(sessions: Iterable[Session]) -> int:
    return len({id(session.device) for session in sessions})
