"""Made-up histories: what arrives in segments, in any order, between loads, nights, parts of nights and rebuilds."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st

from footfall.pipeline import candidates, night
from tests.support.chance.happenings import CLIENTS, HAPPENINGS, HOUR, MINUTE, ORIGINS, PAUSES, SECOND, TICK
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents, with_settings
from tests.support.marts.comparison import differences
from warehouse.publication.publish import PublishRefused
from warehouse.publication.slices import Slice, SliceError

ZONES = {
    "shop": "UTC",
    "berlin": "Europe/Berlin",
    "york": "America/New_York",
    "sydney": "Australia/Sydney",
    "nepal": "Asia/Kathmandu",
}
CHANGES = [date(2026, *day) for day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))]
"""Clocks change in New York, Berlin or Sydney, either way."""
DAY = timedelta(days=1)
QUIETLY = {"say": lambda line: None}


@dataclass(frozen=True)
class Arrival:
    """One event as it arrives, in the segment of that number."""

    site: str
    segment: int
    fields: dict
    occurred_at: datetime


@dataclass(frozen=True)
class Past:
    """What arrives, and what is done after each segment lands."""

    middle: date
    arrivals: list[Arrival]
    steps: list[tuple[int, str, int]]
    """(segment, what is done then, with which day)."""
    max_slice_days: int


DOINGS = ("nothing", "load", "night", "night", "night through", "build", "build and check", "publish", "rebuild")


@st.composite
def pasts(draw, segments: int) -> Past:
    """A history around a change of clocks, cut into so many segments."""
    middle = draw(st.sampled_from(CHANGES))
    visits = draw(st.lists(visit(middle, segments), min_size=3, max_size=9))
    arrivals = [arrival for made in visits for arrival in made]
    numbered = []
    for number, (site, segment, fields, at, delay, skew) in enumerate(arrivals):
        received_at = at + delay + number * TICK
        fields |= {"client_timestamp": (at + skew).isoformat(), "received_at": received_at}
        if skew:
            fields["sent_at"] = received_at + skew
        numbered.append(Arrival(site, segment, fields, min(at, received_at)))
    order = draw(st.permutations(range(segments)))
    steps = [(segment, draw(st.sampled_from(DOINGS)), draw(st.integers(-2, 2))) for segment in order]
    return Past(middle, numbered, steps, draw(st.sampled_from((1, 2, 31))))


@st.composite
def visit(draw, middle: date, segments: int) -> list[tuple]:
    """What one visitor does around a midnight, and how it becomes known."""
    site = draw(st.sampled_from(list(ZONES)))
    midnight = datetime.combine(middle + draw(st.integers(-1, 2)) * DAY, time(), ZoneInfo(ZONES[site]))
    at = midnight.astimezone(UTC) + draw(st.integers(-100, 200)) * MINUTE
    device = draw(st.sampled_from(("d1", "d2", "d3", None)))
    client = draw(st.sampled_from(CLIENTS))
    skew = draw(st.sampled_from((timedelta(0), timedelta(0), 3 * HOUR, -26 * HOUR)))
    made = []
    for _ in range(draw(st.integers(1, 8))):
        name, properties = draw(st.sampled_from(HAPPENINGS))
        ending, referrer = draw(st.sampled_from(ORIGINS))
        user = draw(st.sampled_from((None, None, "ann", "bob"))) if device else draw(st.sampled_from(("ann", "bob")))
        fields = event(at, device, name, properties=properties, event_id=f"{draw(st.integers(0, 2**40)):x}", **client)
        fields |= {
            "user_id": user,
            "page_url": f"https://www.{site}.example/{draw(st.sampled_from('xy'))}{ending.format(site=site)}",
            "page_type": draw(st.sampled_from((None, "category", "offer"))),
            "referrer": referrer and referrer.format(site=site),
            "page_view_id": draw(st.sampled_from((None, None, "v1", "v2"))),
            "sequence": draw(st.sampled_from((None, None, 0, 1))),
        }
        segment = draw(st.integers(0, segments - 1))
        delay = draw(st.sampled_from((SECOND, SECOND, 20 * MINUTE, 2 * DAY)))
        made.append((site, segment, fields, at, delay, skew))
        match draw(st.sampled_from((None, None, None, None, None, "again", "changed", "moved", "used again"))):
            case "again":
                made.append((site, (segment + 1) % segments, dict(fields), at, delay + HOUR, skew))
            case "changed":
                other = draw(st.sampled_from(({"page_title": "other"}, {"page_view_id": "v9"}, {"sequence": 9})))
                made.append((site, (segment + 2) % segments, fields | other, at, delay + HOUR, skew))
            case "moved":
                made.append((site, (segment + 3) % segments, dict(fields), at + 20 * MINUTE, delay + HOUR, skew))
            case "used again":
                made.append((site, segment, dict(fields), at + 2 * DAY, delay + HOUR, skew))
        at += draw(st.sampled_from((timedelta(0), TICK, 30 * MINUTE + TICK, *PAUSES)))
    return made


def live_through(installation, past: Past) -> None:
    """Let it all happen, and compare after each whole night, and with a rebuild of everything at the end."""
    landing, landed = Landing(installation.settings.landing), []
    for segment, doing, day in past.steps:
        note(f"segment {segment}, {doing} {day:+}")
        new = [arrival for arrival in past.arrivals if arrival.segment == segment]
        for site in ZONES:
            landing.land(*(dict(arrival.fields) for arrival in new if arrival.site == site), site=site)
        landed += new
        do(installation, doing, past.middle + day * DAY)
        if doing == "night":
            assert_as_expected(installation, landed)
    night.nightly(installation, **QUIETLY)
    assert_as_expected(installation, landed)
    in_steps = contents(installation)
    first, last = rows(installation.engine, "select min(event_date), max(event_date) from ops.published_days")[0]
    with installation.engine.begin() as connection:
        for mart in in_steps:
            connection.exec_driver_sql(f"truncate marts.{mart}")
    night.rebuild(with_settings(installation, max_slice_days=31), Slice(first, last), **QUIETLY)
    at_once = contents(installation)
    for mart, found in at_once.items():
        assert in_steps[mart] == found, mart


def do(installation, doing: str, day: date) -> None:
    """One thing that people or schedules do."""
    match doing:
        case "load":
            night.load(installation)
        case "night":
            night.nightly(installation, **QUIETLY)
        case "night through":
            night.nightly(installation, through=day, **QUIETLY)
        case "rebuild":
            night.rebuild(installation, Slice(day, day + DAY), **QUIETLY)
        case "build" | "build and check":
            night.load(installation)
            if wanted := night.next_slice(installation):
                candidates.build(installation, wanted)
                if doing != "build":
                    candidates.check(installation)
        case "publish":
            with suppress(PublishRefused, SliceError):
                night.publish(installation)


def assert_as_expected(installation, landed: list[Arrival]) -> None:
    """The marts are those of the oracle."""
    events = [
        arrival.fields | {"site_id": arrival.site, "occurred_at": arrival.occurred_at}
        for arrival in sorted(landed, key=lambda arrival: arrival.fields["received_at"])
    ]
    found = differences(installation, events, ZONES)
    assert not found, found
