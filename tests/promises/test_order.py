"""Order does not matter: any split into segments, arrivals and nights gives the marts of one build of everything.

Random histories close to midnight, in a zone whose clock changes: late, repeated and conflicting events, ties, gaps of
exactly the timeout, sign-outs, shared devices, devices that never pause, checkouts and orders of several visitors and
days. All rows and columns of all marts are also those of the oracle.
"""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from footfall.pipeline import night
from footfall.pipeline.dbt import variables
from tests.support.chance.happenings import CLIENTS, HAPPENINGS, HOUR, MINUTE, ORIGINS, PAUSES, SECOND, TICK
from tests.support.database import declare
from tests.support.events import Landing, event
from tests.support.ingestion.mmdb import BERLIN, write_mmdb
from tests.support.installation import contents, with_settings
from tests.support.marts.comparison import differences
from tests.support.oracle.marts import marts
from warehouse.access.sites import add_site
from warehouse.goals.funnels import Funnel, add_funnel
from warehouse.goals.goals import Goal, add_goal
from warehouse.goals.step import read_step
from warehouse.publication.declared_properties import DeclaredProperty
from warehouse.publication.slices import Slice

SEEDS = (1, 2)
ZONES = {"shop": "UTC", "berlin": "Europe/Berlin"}
OF_CROWDS = {("daily_visitor_sketches", "threshold"), ("visitor_sketches", "threshold")}
"""Columns that have something where more than 16,384 visitors come: in test_sketches."""
GOALS = (
    ("order", "event:order_placed", None, None, "amount"),
    ("declined", "event:payment_failed", "error_code", "declined", None),
    ("pages", "/x*", None, None, None),
)
STEPS = ("/*", "/y", "/*", "event:order_placed")
DECLARED = (("payment_failed", "error_code"), ("order_placed", "amount"), ("page_engaged", "clicks"))
FIRST, DAYS = date(2026, 10, 23), 4
"""Berlin's clocks go back on the 25th."""


def history(chance: random.Random) -> list[tuple[str, dict]]:
    """(site, event) of a few dozen visitors, most of them up late, some of them never asleep."""
    made = []
    for visitor in range(60):
        site = chance.choice(list(ZONES))
        zone = ZoneInfo(ZONES[site])
        midnight = datetime.combine(FIRST + chance.randint(1, DAYS - 1) * timedelta(days=1), datetime.min.time(), zone)
        end = datetime.combine(FIRST + DAYS * timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
        sleepless = visitor % 12 == 0
        at = midnight.astimezone(UTC) - (2000 if sleepless else chance.randint(-60, 90)) * MINUTE
        user = chance.choice("ab")
        for _ in range(150 if sleepless else chance.randint(1, 12)):
            name, properties = ("page_viewed", {}) if sleepless else chance.choice(HAPPENINGS)
            user = chance.choice("abc") if chance.random() < 0.1 else user
            known = {"user_id": user} if visitor % 9 == 1 or chance.random() < 0.2 else {}
            device = None if visitor % 9 == 1 else f"d{visitor}"
            if at < end:
                event_id = f"{chance.getrandbits(48):012x}"
                seen = page(chance, site) | chance.choice((CLIENTS[visitor % len(CLIENTS)], {}))
                made.append((site, event(at, device, name, event_id=event_id, properties=properties, **seen, **known)))
            at += 25 * MINUTE if sleepless else chance.choice((timedelta(0), TICK, 30 * MINUTE + TICK, *PAUSES))
    return made


def page(chance: random.Random, site: str) -> dict:
    """Where an event happens. Some name no address, some only a path, as access logs do."""
    ending, referrer = (part and part.format(site=site) for part in chance.choice(ORIGINS))
    start = chance.choice((*[f"https://www.{site}.example"] * 20, ""))
    name = chance.choice("xyz")
    return {
        "page_url": f"{start}/{name}{ending}" if chance.random() < 0.95 else None,
        "page_title": chance.choice((None, f"Page {name}")),
        "page_type": chance.choice((None, "homepage", "category", "offer")),
        "page_identifier": chance.choice((None, name)),
        "referrer": referrer,
        "session_id": chance.choice((None, f"s{chance.randint(1, 3)}")),
        "sequence": chance.choice((None, None, 0, 1, 2)),
        "page_view_id": chance.choice((None, None, "v1", "v2", "v3")),
        "page_host": chance.choice((None, f"www.{site}.example")),
        "language": chance.choice((None, "de-CH")),
    }


def ids_used_again(chance: random.Random, made: list[tuple[str, dict]]) -> list[tuple[str, dict]]:
    """Ids of some events again, with other content. Soon after, the later received loses; days after, it is another."""
    again = []
    rare_first = [1 if fields["event_name"] == "page_viewed" else 5 for _, fields in made]
    for site, fields in chance.choices(made, rare_first, k=len(made) // 15):
        at = datetime.fromisoformat(fields["client_timestamp"])
        later = at + chance.choice((TICK, 20 * MINUTE, timedelta(days=2)))
        changed = {"client_timestamp": later.isoformat(), "received_at": later + HOUR, "page_title": "Changed"}
        again.append((site, fields | changed))
    return again


def test_any_order_gives_the_marts_of_one_build(anew, tmp_path, size):
    for seed in size(SEEDS[:1], SEEDS):
        with anew({"shop": "UTC"}) as installation:
            in_any_order(installation, tmp_path, seed)


def in_any_order(installation, tmp_path, seed):
    """The history of this seed in pieces and at once: the same, and as the oracle says."""
    chance, landing = random.Random(seed), Landing(installation.settings.landing)
    installation = with_settings(installation, geoip_path=write_mmdb(tmp_path / "city.mmdb", 81, BERLIN))
    with installation.engine.begin() as connection:
        add_site(connection, "berlin", ZONES["berlin"])
        declare(connection, *(DeclaredProperty(site, *property, "text", "") for site in ZONES for property in DECLARED))
        for site in ZONES:
            for name, step, *of in GOALS:
                add_goal(connection, Goal(site, name, read_step(step), *of), variables())
            add_funnel(connection, Funnel(site, "buy", tuple(map(read_step, STEPS))), variables())
    made = history(chance)
    made += ids_used_again(chance, made)
    arrivals = made + chance.sample(made, len(made) // 10)
    chance.shuffle(arrivals)
    third = len(arrivals) // 3
    for part in (arrivals[:third], arrivals[third : 2 * third], arrivals[2 * third :]):
        for site in ZONES:
            landing.land(*(fields for where, fields in part if where == site), site=site)
        last = FIRST + chance.randint(0, DAYS) * timedelta(days=1)
        night.nightly(installation, through=last, say=lambda line: None)
    night.nightly(installation, say=lambda line: None)
    in_pieces = contents(installation)
    with installation.engine.begin() as connection:
        for mart in in_pieces:
            connection.exec_driver_sql(f"truncate marts.{mart}")
    night.rebuild(
        installation, Slice(FIRST - timedelta(days=2), FIRST + (DAYS + 2) * timedelta(days=1)), say=lambda line: None
    )
    at_once = contents(installation)
    for mart, found in at_once.items():
        assert in_pieces[mart] == found, mart
    found = differences(installation, as_received(made), ZONES)
    assert not found, found


def test_the_histories_give_every_column_of_every_mart_something_to_show():
    seen = defaultdict(set)
    for seed in SEEDS:
        for mart, rows in marts(as_received(history(random.Random(seed))), ZONES).items():
            for row in rows:
                for column, value in row.items():
                    seen[mart, column].add(str(value))
    assert {column for column, values in seen.items() if len(values) < 2} == OF_CROWDS


def as_received(made: list[tuple[str, dict]]) -> list[dict]:
    """The events as the oracle takes them: with time, place and site, in the order they were received."""
    events = []
    for site, fields in made:
        at = datetime.fromisoformat(fields["client_timestamp"])
        is_known = (fields.get("client_ip") or fields.get("ip") or "").startswith("81.")
        place = {"country_code": "DE", "city": "Berlin"} if is_known else {}
        events.append({"received_at": at + SECOND} | fields | place | {"site_id": site, "occurred_at": at})
    return sorted(events, key=lambda event: event["received_at"])
