"""Where a visitor's sessions begin and end, and all that one session says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import md5
from ipaddress import ip_network
from itertools import groupby

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
    page_address,
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
    late_count: int = 0
    """How many of its last events came after its end. They count, and move nothing."""
    is_new: bool = False
    """Whether it starts on the visitor's first day."""

    @property
    def lasting(self) -> list[Event]:
        return self.events[: len(self.events) - self.late_count]

    @property
    def start(self) -> datetime:
        return self.events[0]["occurred_at"]

    @property
    def end(self) -> datetime:
        return self.lasting[-1]["occurred_at"]

    @property
    def event_ids(self) -> list[str]:
        return [event["event_id"] for event in self.events]

    @property
    def naming(self) -> int | None:
        """The event that says whose session it is. What a ping says counts only where no other event says so."""
        said = [n for n, event in enumerate(self.lasting) if event["user_id"]]
        return first(n for n in sorted(said, key=lambda n: is_trailing(self.events[n])))

    @property
    def identified(self) -> int | None:
        """The event from which on the device's user is known."""
        return self.naming if self.events[0]["anonymous_id"] else None

    @property
    def user_id(self) -> str | None:
        return None if self.naming is None else self.events[self.naming]["user_id"]

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
        found = list(runs(list(own)))
        next_causes = [cause for cause, _ in found[1:]] + ["timeout"]
        made = []
        for (cause, run), next_cause in zip(found, next_causes, strict=True):
            for piece_cause, piece in cut_at_midnights(cause, run):
                late_count = sum(is_late for _, is_late, _ in piece)
                last = piece[len(piece) - late_count - 1]
                after = next_cause if piece[-1] is run[-1] else "midnight_cut"
                inside = [event for event, _, _ in piece]
                made.append(
                    Session(
                        site, visitor, inside[0]["date"], piece_cause, end_cause(last[0], after), inside, late_count
                    )
                )
        for session in made[:1]:
            session.start_cause = "first_visit"
        for session in made:
            session.is_new = session.date == made[0].date
        sessions += made
    return sessions


def runs(events):
    """Split one visitor's events by timeout, hard end and change of the known user: (start cause, placed events).

    An event is placed by two words. It is late after the session's end, where it starts no session of its own; it is
    stray where no session goes before it. A user seen neither today nor yesterday is no longer known, and pings name
    who is signed in when they are sent: no user is known by them.
    """
    found = []
    known_user = known_on = ended = None
    has_session = False
    for position, event in enumerate(events):
        before = events[position - 1] if position else None
        user, is_active = event["user_id"], not is_trailing(event) and not hard_end(event)
        if before is None or event["occurred_at"] - before["occurred_at"] > TIMEOUT:
            cause = "timeout"
            has_session = False
        elif ended and is_active:
            cause = ended
        elif (
            not ended
            and not is_trailing(event)
            and known_user
            and user
            and user != known_user
            and known_on >= event["date"] - DAY
        ):
            cause = "user_switch"
        else:
            cause = None
        if cause:
            found.append((cause, []))
            known_user = ended = None
        is_late = bool(ended) and not is_active and has_session
        found[-1][1].append((event, is_late, is_trailing(event) and not has_session))
        has_session = has_session or not is_trailing(event)
        ended = ended or hard_end(event)  # ending twice changes nothing
        if user and is_active:
            known_user, known_on = user, event["date"]
    return found


def is_trailing(event):
    """Whether an event belongs to what went before, and makes no session."""
    return event["event_name"] in ("page_engaged", "session_ended")


def cut_at_midnights(cause, run):
    """Leave a run that crosses one midnight whole; cut one that crosses more at each of them.

    A session begins with an event that makes one: what is stray is left out, and what leads a day that is cut off.
    """
    opening, closing = run[0][0]["date"], run[-1][0]["date"]
    if closing - opening < 2 * DAY:
        pieces = [(cause, run)]
    else:
        days = [(day, list(own)) for day, own in groupby(run, key=lambda placed: placed[0]["date"])]
        pieces = [(cause if day == opening else "midnight_cut", own) for day, own in days]
    for piece_cause, piece in pieces:
        begun = first(n for n, (event, is_late, _) in enumerate(piece) if not is_trailing(event) and not is_late)
        if begun is not None:
            yield piece_cause, piece[begun:]


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
    identified = session.identified
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
        "local_hour": events[0]["hour"],
        "end_cause": session.end_cause,
        "is_new_visitor": session.is_new,
        "event_count": len(events),
        "event_counts": dict(names),
        "page_view_count": names["page_viewed"],
        "anonymous_page_view_count": None if identified is None else len(page_views(events[:identified])),
        **engagement(session, names),
        "landing_page": page(session.lasting, first),
        "exit_page": page(session.lasting, last),
        **origin(events),
        **device(first(viewing(events)), first(event["user_agent"] for event in events)),
        "language": first(event["language"] for event in events),
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
        "has_order": names["order_placed"] + names["booking_placed"] > 0,
        "signed_up_at": first(times(events, "user_signed_up")),
        "signed_in_at": last(times(events, "user_signed_in", "user_signed_up")),
        "review_count": names["review_posted"],
    }


def engagement(session, names):
    """What a session's engagement is, and which criteria it meets."""
    events = session.events
    views = viewed(session)
    engaged = pinged(events) if names["page_engaged"] else sum((time for _, _, time in views), timedelta())
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


def viewed(session):
    """Of each page view: the number of its event, when it ends, and what it counts for where the client sends no pings.

    It ends with the next page view or the session, and counts at most so long.
    """
    starts = [n for n, event in enumerate(session.events) if event["event_name"] == "page_viewed"]
    ends = [session.events[n]["occurred_at"] for n in starts[1:]] + [session.end]
    return [
        (n, end, min(end - session.events[n]["occurred_at"], LONGEST_VIEW) // MILLISECOND * MILLISECOND)
        for n, end in zip(starts, ends, strict=False)
    ]


def pings_of_views(session):
    """The pings of each page view, in the order of page views.

    A ping is of the view that has its id. Without an id it is of the last view of its address that came before it, else
    of the last view of all; of views of its own instant one that the client counted later did not come before it.
    """
    events = session.events
    views = page_views(events)
    found = [[] for _ in views]
    for n, ping in enumerate(events):
        if ping["event_name"] != "page_engaged":
            continue
        opened = len(page_views(events[:n]))
        if ping["page_view_id"]:
            same = [v for v, view in enumerate(views) if view["page_view_id"] == ping["page_view_id"]]
            before = [v for v in same if v < opened]
            number = before[-1] if before else first(same)
        else:
            before = [v for v in range(opened) if not counted_after(views[v], ping)] or list(range(opened))
            same = [v for v in before if page_address(ping) and page_address(views[v]) == page_address(ping)]
            number = last(same or before)
        if number is not None:
            found[number].append(ping)
    return found


def counted_after(view, ping):
    """Whether the client stamped a page view of the ping's instant after the ping."""
    is_counted = view.get("sequence") is not None and ping.get("sequence") is not None
    return view["occurred_at"] == ping["occurred_at"] and is_counted and view["sequence"] > ping["sequence"]


def pinged(events):
    """The engaged time that pings report."""
    return sum(pings(events, "engaged_ms", DAY_MS)) * MILLISECOND


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
