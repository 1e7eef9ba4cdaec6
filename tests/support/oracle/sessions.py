"""Where a visitor's sessions begin and end, and all that one session says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import md5
from ipaddress import ip_network
from itertools import groupby, pairwise

from tests.support.oracle.events import (
    DAY,
    Event,
    accepted,
    count,
    first,
    hard_end,
    in_order,
    is_error,
    last,
    path,
    text,
)
from tests.support.oracle.traffic import origin
from tests.support.oracle.user_agents import device

TIMEOUT = timedelta(minutes=30)
LONGEST_VIEW = timedelta(minutes=30)
"""What a page view counts for where the client sends no pings, at most."""
SECOND, MILLISECOND, MICROSECOND = timedelta(seconds=1), timedelta(milliseconds=1), timedelta(microseconds=1)
DAY_MS = DAY // MILLISECOND
KEY_EVENTS = ("user_signed_up", "order_placed", "booking_placed")
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


@dataclass
class Session:
    """One session, with its events in order."""

    site: str
    visitor: str
    date: date
    start_cause: str
    end_cause: str
    events: list[Event]

    @property
    def start(self) -> datetime:
        return self.events[0]["occurred_at"]

    @property
    def end(self) -> datetime:
        return self.events[-1]["occurred_at"]

    @property
    def event_ids(self) -> list[str]:
        return [event["event_id"] for event in self.events]

    @property
    def user_id(self) -> str | None:
        return first(event["user_id"] for event in self.events)

    @property
    def id(self) -> str:
        moment = (self.start - EPOCH) // MICROSECOND
        given = f"{self.site}|{moment}|{len(self.visitor)}|{self.visitor}|{self.event_ids[0]}"
        return f"{moment // 10**6:08x}{md5(given.encode()).hexdigest()[:24]}"


# Boundaries --------------------------------------------------------------------------------------


def sessionise(events, zones) -> list[Session]:
    """Every session, ordered by site, visitor and start."""

    def owner(event):
        return event["site_id"], event["visitor_id"]

    sessions = []
    ordered = sorted(accepted(events, zones), key=lambda event: (owner(event), in_order(event)))
    for (site, visitor), own in groupby(ordered, key=owner):
        pieces = [piece for run in runs(list(own)) for piece in cut_at_midnights(*run)]
        next_causes = [cause for cause, _ in pieces[1:]] + ["timeout"]
        for (cause, piece), next_cause in zip(pieces, next_causes, strict=True):
            sessions.append(Session(site, visitor, piece[0]["date"], cause, end_cause(piece[-1], next_cause), piece))
    return sessions


def runs(events):
    """Split one visitor's events by timeout, hard end and change of the known user: (start cause, events).

    A user seen neither today nor yesterday is no longer known.
    """
    found = []
    known_user = known_on = None
    for position, event in enumerate(events):
        before = events[position - 1] if position else None
        user = event["user_id"]
        if before is None:
            cause = "first_visit"
        elif event["occurred_at"] - before["occurred_at"] > TIMEOUT:
            cause = "timeout"
        elif hard_end(before) and not hard_end(event):  # ending twice changes nothing
            cause = hard_end(before)
        elif known_user and user and user != known_user and known_on >= event["date"] - DAY:
            cause = "user_switch"
        else:
            cause = None
        if cause:
            found.append((cause, []))
            known_user = None
        if user:
            known_user, known_on = user, event["date"]
        found[-1][1].append(event)
    return found


def cut_at_midnights(cause, events):
    """Leave a run that crosses one midnight whole; cut one that crosses more at each of them."""
    if events[-1]["date"] - events[0]["date"] < 2 * DAY:
        return [(cause, events)]
    first_day, *others = [list(day) for _, day in groupby(events, key=lambda event: event["date"])]
    return [(cause, first_day)] + [("midnight_cut", day) for day in others]


def end_cause(event, next_cause):
    """Why a session ends with this event, if the visitor's next one starts for that cause."""
    if hard_end(event):
        return hard_end(event)
    if next_cause in ("user_switch", "midnight_cut"):
        return next_cause
    unloaded = event["event_name"] == "session_ended" and event["properties"].get("reason") == "page_unload"
    return "page_unload" if unloaded else "timeout"


# What one session says ---------------------------------------------------------------------------


def described(session: Session) -> dict:
    """The session's row."""
    events = session.events
    names = Counter(event["event_name"] for event in events)
    identified = first(n for n, event in enumerate(events) if event["anonymous_id"] and event["user_id"])
    responses = [count(event, "response_ms", DAY_MS) for event in events if event["event_name"] == "message_received"]
    responses = [response for response in responses if response is not None]
    placed = first(event for event in events if event["country_code"])
    return {
        "site_id": session.site,
        "session_id": session.id,
        "first_event_id": session.event_ids[0],
        "event_date": session.date,
        "visitor_id": session.visitor,
        "anonymous_id": first(event["anonymous_id"] for event in events),
        "user_id": session.user_id,
        "identified_at": None if identified is None else events[identified]["occurred_at"],
        "client_session_id": first(event["session_id"] for event in events),
        "is_anonymous": session.user_id is None,
        "started_at": session.start,
        "ended_at": session.end,
        "duration_seconds": (session.end - session.start) // SECOND,
        "start_cause": session.start_cause,
        "end_cause": session.end_cause,
        "event_count": len(events),
        "event_counts": dict(names),
        "page_view_count": names["page_viewed"],
        "anonymous_page_view_count": None if identified is None else len(page_views(events[:identified])),
        **engagement(events, names),
        "landing_page": page(events, first),
        "exit_page": page(events, last),
        **origin(events),
        **device(first(viewing(events)), first(event["user_agent"] for event in events)),
        "screen_width": first(event["screen_width"] for event in events),
        "screen_height": first(event["screen_height"] for event in events),
        "country_code": placed and placed["country_code"],
        "city": placed and placed["city"],
        "ip_masked": first(network(event["ip"]) for event in events),
        "widget_loaded_count": names["widget_loaded"],
        "widget_opened_count": names["widget_opened"],
        "widget_minimized_count": names["widget_minimized"],
        "triggered_by": first(
            text(event, "triggered_by") for event in events if event["event_name"].startswith("widget")
        ),
        "messages_sent_count": names["message_sent"],
        "messages_received_count": names["message_received"],
        "response_count": len(responses),
        "response_ms_total": sum(responses),
        "avg_response_time_ms": sum(responses) // len(responses) if responses else None,
        "had_conversation": names["message_sent"] > 0,
        "completed_pre_chat_form": names["pre_chat_form_submitted"] > 0,
        "error_count": sum(is_error(event) for event in events),
        "has_key_event": any(names[name] for name in KEY_EVENTS),
        "signed_up_at": first(times(events, "user_signed_up")),
        "signed_in_at": last(times(events, "user_signed_in", "user_signed_up")),
        "review_count": names["review_posted"],
    }


def engagement(events, names):
    """What a session's engagement is, and which criteria it meets."""
    engaged = engaged_time(events, pinged=names["page_engaged"] > 0)
    by_time = engaged >= 10 * SECOND
    by_scroll = scroll_depth(events) >= 25
    by_clicks = clicks(events) >= 3
    is_engaged = by_time + by_scroll + by_clicks >= 2
    key_event = any(names[name] for name in KEY_EVENTS)
    return {
        "engaged_seconds": engaged // SECOND,
        "scroll_depth_percent": scroll_depth(events),
        "click_count": clicks(events),
        "is_engaged_by_time": by_time,
        "is_engaged_by_scroll": by_scroll,
        "is_engaged_by_clicks": by_clicks,
        "is_engaged": is_engaged,
        "is_engaged_ga4": engaged > 10 * SECOND or names["page_viewed"] >= 2 or key_event,
        "is_bounce": names["page_viewed"] == 1 and not is_engaged,
    }


def engaged_time(events, pinged):
    """The sum of the pings; of a client that sends none, what each page view took until the next event, capped."""
    if pinged:
        return sum(pings(events, "engaged_ms", DAY_MS)) * MILLISECOND
    views = [
        min(after["occurred_at"] - event["occurred_at"], LONGEST_VIEW)
        for event, after in pairwise(events)
        if event["event_name"] == "page_viewed"
    ]
    return sum(view // MILLISECOND for view in views) * MILLISECOND


def scroll_depth(events):
    """The deepest scroll, per cent."""
    return max(pings(events, "scroll_depth", 100), default=0)


def clicks(events):
    """All clicks."""
    return sum(pings(events, "clicks", 100_000))


def pings(events, name, most):
    """What the pings report."""
    given = [count(event, name, most) for event in events if event["event_name"] == "page_engaged"]
    return [value for value in given if value is not None]


def page_views(events):
    """The page views among events."""
    return [event for event in events if event["event_name"] == "page_viewed"]


def viewing(events):
    """The user agents of who looked at the pages. An app's own says nothing of a browser."""
    return [event["user_agent"] for event in page_views(events) if event["context"] != "app"]


def page(events, choose):
    """The path of the first or last page view, or else that of the first or last event that has one."""
    views = page_views(events)
    return (path(choose(views)["page_url"]) if views else None) or choose(path(event["page_url"]) for event in events)


def times(events, *names):
    """When events of these names happened."""
    return [event["occurred_at"] for event in events if event["event_name"] in names]


def network(ip):
    """The network of an address, which no longer identifies a person."""
    return ip and str(ip_network(f"{ip}/{48 if ':' in ip else 24}", strict=False))
