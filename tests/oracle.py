"""The sessions that must come out, by plain reading of the rules. Shares no code with the product.

Takes accepted events as dicts with site_id, anonymous_id, user_id, event_id, event_name, occurred_at (aware),
properties and page_url, in the order they were received.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

TIMEOUT = timedelta(minutes=30)


@dataclass
class OracleSession:
    site: str
    visitor: str
    start: datetime
    end: datetime
    date: date
    start_cause: str
    end_cause: str
    event_count: int
    page_views: int
    user_id: str | None
    event_ids: list[str]


def sessionise(events, timezones, timeout=TIMEOUT):
    """Return every session, ordered by site, visitor and start."""
    first_received = {}
    for event in events:
        first_received.setdefault((event["site_id"], event["event_id"]), event)
    ordered = sorted(
        first_received.values(),
        key=lambda event: (event["site_id"], visitor_of(event), event["occurred_at"], event["event_id"]),
    )
    sessions = []
    for (site, visitor), own in groupby(ordered, key=lambda event: (event["site_id"], visitor_of(event))):
        zone = ZoneInfo(timezones.get(site, "UTC"))
        pieces = [piece for run in runs(list(own), timeout, zone) for piece in cut_at_midnights(*run, zone)]
        causes = [cause for cause, _ in pieces[1:]] + ["timeout"]
        for (cause, piece), next_cause in zip(pieces, causes, strict=True):
            sessions.append(describe(site, visitor, zone, cause, piece, next_cause))
    return sessions


def visitor_of(event):
    return event.get("anonymous_id") or f"user:{event['user_id']}"


def hard_end(event):
    """What a hard end makes of the next session: signed_out or user_switch; None where it is no hard end."""
    reason = (event.get("properties") or {}).get("reason") if event["event_name"] == "session_ended" else None
    if event["event_name"] == "user_signed_out" or reason == "sign_out":
        return "signed_out"
    return "user_switch" if reason == "user_switch" else None


def runs(events, timeout, zone):
    """Split one visitor's events by timeout, hard end and change of the known user: (start cause, events).

    A user seen neither today nor yesterday is no longer known.
    """
    found = []
    known_user = known_on = None
    for position, event in enumerate(events):
        before = events[position - 1] if position else None
        user = event.get("user_id")
        day = event["occurred_at"].astimezone(zone).date()
        if before is None:
            cause = "first_visit"
        elif event["occurred_at"] - before["occurred_at"] > timeout:
            cause = "timeout"
        elif hard_end(before) and not hard_end(event):  # ending twice changes nothing
            cause = hard_end(before)
        elif known_user and user and user != known_user and known_on >= day - timedelta(days=1):
            cause = "user_switch"
        else:
            cause = None
        if cause:
            found.append((cause, []))
            known_user = None
        if user:
            known_user, known_on = user, day
        found[-1][1].append(event)
    return found


def cut_at_midnights(cause, events, zone):
    """Leave a run that crosses one midnight whole; cut one that crosses more at each of them."""
    days = [event["occurred_at"].astimezone(zone).date() for event in events]
    if (days[-1] - days[0]).days < 2:
        return [(cause, events)]
    pieces = [
        [event for _, event in day] for _, day in groupby(zip(days, events, strict=True), key=lambda pair: pair[0])
    ]
    return [(cause, pieces[0])] + [("midnight_cut", piece) for piece in pieces[1:]]


def describe(site, visitor, zone, cause, events, next_cause):
    last = events[-1]
    unloaded = last["event_name"] == "session_ended" and (last.get("properties") or {}).get("reason") == "page_unload"
    if hard_end(last):
        end_cause = hard_end(last)
    elif next_cause in ("user_switch", "midnight_cut"):
        end_cause = next_cause
    else:
        end_cause = "page_unload" if unloaded else "timeout"
    users = [event["user_id"] for event in events if event.get("user_id")]
    return OracleSession(
        site=site,
        visitor=visitor,
        start=events[0]["occurred_at"],
        end=last["occurred_at"],
        date=events[0]["occurred_at"].astimezone(zone).date(),
        start_cause=cause,
        end_cause=end_cause,
        event_count=len(events),
        page_views=sum(event["event_name"] == "page_viewed" for event in events),
        user_id=users[-1] if users else None,
        event_ids=[event["event_id"] for event in events],
    )
