"""When people come and on which devices: whole local days of sessions, and the order in which they are sent.

Pure: the same arguments make the same events, to the byte. Sends nothing; `post` does.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from random import Random
from typing import Any, NamedTuple

from footfall.simulator.journeys import JOURNEYS, call_through_api, crawl, show_on_wall
from footfall.simulator.people import Crowd, Device
from footfall.simulator.session import MINUTE, Recorder, Session
from footfall.simulator.sites import ZONES

TIMEOUT = 30 * MINUTE
_SHARES = {"shop": 0.5, "widget": 0.25, "community": 0.25}
_EVENTS_PER_SESSION = {"shop": 9.2, "widget": 6.7, "community": 8.4}
_WEEKDAYS = (1.05, 1.0, 1.0, 0.98, 0.95, 0.85, 1.1)
_HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 10, 11, 11, 11, 12, 11, 10, 10, 11, 13, 15, 17, 18, 16, 11, 6)


class Sent(NamedTuple):
    """One event as it is sent: its site and its user agent."""

    site: str
    user_agent: str
    event: dict[str, Any]


class Day(NamedTuple):
    """All sessions of a site that start on one of its local days, in order of their start."""

    site: str
    day: date
    sessions: list[Session]


def last_complete_day(now: datetime) -> date:
    """Return the newest day that is over on every simulated site."""
    return min(now.astimezone(zone).date() for zone in ZONES.values()) - timedelta(days=1)


def generate(days: int, events: int, seed: int, until: date) -> Iterator[Sent]:
    """Give about `events` events of the `days` local days ending with `until`; those of a day are in no order.

    About one event in a hundred is sent twice, at once or only after the following day.
    """
    random = Random(f"{seed}/sending")
    late: list[Sent] = []
    for traffic in simulate(days, events, seed, until):
        random.shuffle(traffic.sessions)
        sent = [
            Sent(traffic.site, session.device.browser.user_agent, event)
            for session in traffic.sessions
            for event in session.events
        ]
        again = random.sample(sent, -(-len(sent) // 100))
        for position in range(0, len(again), 2):
            sent.insert(random.randrange(len(sent)), again[position])
        yield from chain(sent, late)
        late = again[1::2]
    yield from late


def simulate(days: int, events: int, seed: int, until: date) -> Iterator[Day]:
    """Make the sessions of every day and site, oldest day first."""
    calendar = [until - timedelta(days=days - 1 - number) for number in range(days)]
    weights = [_WEEKDAYS[day.weekday()] for day in calendar]
    streams = []
    for site in ZONES:
        budgets = [events * _SHARES[site] * weight / sum(weights) for weight in weights]
        streams.append(_simulate_site(site, calendar, budgets, Random(f"{seed}/{site}")))
    yield from chain.from_iterable(zip(*streams, strict=True))


def _simulate_site(site: str, calendar: list[date], budgets: list[float], random: Random) -> Iterator[Day]:
    crowd = Crowd(site, random)
    display = crowd.display()
    horizon = _midnight(site, calendar[-1] + timedelta(days=1))
    carried: list[Session] = []
    budget = made = session_count = 0.0
    for number, day in enumerate(calendar):
        starts_at, ends_at = _midnight(site, day), _midnight(site, day + timedelta(days=1))
        budget += budgets[number]
        per_session = made / session_count if session_count > 100 else _EVENTS_PER_SESSION[site]
        sessions = carried
        if site == "community" and len(calendar) >= 4 and budgets[number] >= 300 and number in (1, 2, 3):
            sessions.append(_wall_display(display, number, starts_at, ends_at, random))
        for start in _start_times(max(2, round((budget - made) / per_session)), starts_at, ends_at, random):
            sessions += _come_by(site, crowd, start, random)
        for session in sessions:
            session.cut_at(horizon)
        # A session that follows a sign-out after midnight belongs to the next day.
        carried = [session for session in sessions if session.times and session.times[0] >= ends_at]
        sessions = [session for session in sessions if session.times and session.times[0] < ends_at]
        for session in sessions:
            session.day = day.isoformat()
        made += sum(len(session.events) for session in sessions)
        session_count += len(sessions)
        yield Day(site, day, sorted(sessions, key=lambda session: session.times[0]))


def _come_by(site: str, crowd: Crowd, start: int, random: Random) -> list[Session]:
    """Make the sessions of one visit: most often one, at times two in close succession."""
    device: Device | None = None
    draw = random.random()
    if draw < 0.05 and (device := crowd.bot(start)):
        return [_session(site, device, start, "timeout", crawl, random)]
    if site == "shop" and draw < 0.08 and (device := crowd.api_user(start)):
        return [_session(site, device, start, "timeout", call_through_api, random)]
    device = crowd.visitor(start)
    if device.user and len(device.owners) > 1 and random.random() < 0.3:
        device.user = _other_owner(device)
    sessions = [_session(site, device, start, "timeout", JOURNEYS[site], random)]
    cause, pause = _what_follows(sessions[0], random)
    if cause:
        sessions.append(_session(site, device, sessions[0].times[-1] + pause, cause, JOURNEYS[site], random))
    return sessions


def _what_follows(session: Session, random: Random) -> tuple[str | None, int]:
    """Choose the reason for a second session that follows at once (None: there is none), and the pause before it."""
    device, draw = session.device, random.random()
    last = session.events[-1]
    if last["event_name"] == "user_signed_out" or last.get("properties") == {"reason": "sign_out"}:
        return ("signed_out", random.randint(MINUTE, 10 * MINUTE)) if draw < 0.4 else (None, 0)
    if device.user and len(device.owners) > 1 and draw < 0.3:
        device.user = _other_owner(device)
        return "user_switch", random.randint(MINUTE, 10 * MINUTE)
    if device.buyer.unpaid and draw < 0.7:
        # To pay after all: most often on the same day, else on the next.
        return "timeout", random.randint(TIMEOUT + MINUTE + 1, random.choice((4, 4, 40)) * 60 * MINUTE)
    # One millisecond more than the timeout: a new session.
    return ("timeout", TIMEOUT + 1) if draw > 0.99 else (None, 0)


def _session(site: str, device: Device, start: int, cause: str, journey: Any, random: Random) -> Session:
    session = Session(site, device, cause if device.is_known else "first_visit")
    device.is_known = True
    recorder = Recorder(session, random, start)
    journey(recorder)
    device.free_at = recorder.now + random.randint(31 * MINUTE + 1, 90 * MINUTE)
    return session


def _wall_display(device: Device, number: int, starts_at: int, ends_at: int, random: Random) -> Session:
    """One day of a screen that is on from the noon of day 1 to the noon of day 3: cut at each midnight."""
    noon = (starts_at + ends_at) // 2
    first = noon if number == 1 else starts_at + 5 * MINUTE
    session = Session("community", device, "first_visit" if number == 1 else "midnight_cut")
    show_on_wall(Recorder(session, random, first), noon if number == 3 else ends_at)
    return session


def _start_times(count: int, starts_at: int, ends_at: int, random: Random) -> list[int]:
    """Spread `count` starts over the day as people do, a few of them just before midnight."""
    hour = (ends_at - starts_at) / len(_HOURS)
    times = [
        starts_at + int((number + random.random()) * hour)
        for number in random.choices(range(len(_HOURS)), _HOURS, k=count)
    ]
    late = range(0, count, 60)
    for position in late:
        times[position] = ends_at - random.randint(1_000, 5 * MINUTE)
    return sorted(times)


def _other_owner(device: Device) -> Any:
    return next(owner for owner in device.owners if owner is not device.user)


def _midnight(site: str, day: date) -> int:
    return int(datetime.combine(day, time(), ZONES[site]).timestamp()) * 1000
