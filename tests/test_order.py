"""Order does not matter: any split into segments, arrivals and nights gives the marts of one build of everything.

Random histories close to midnight, in a zone whose clock changes: late and repeated events, ties, gaps of exactly the
timeout, sign-outs, shared devices, devices that never pause, checkouts and orders of
several visitors and days. The sessions, and what was bought in them, are also those of the oracles.
"""

import json
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from footfall import night
from tests import commerce_oracle as oracle
from tests.conftest import contents, event, rows
from tests.oracle import sessionise
from warehouse.sites import add_site
from warehouse.slices import Slice

ZONES = {"shop": "UTC", "berlin": "Europe/Berlin"}
FIRST, DAYS = date(2026, 10, 23), 4
"""Berlin's clocks go back on the 25th."""
MINUTE, SECOND, TICK = timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)
HAPPENINGS = (
    *[("page_viewed", {})] * 30,
    *[("page_engaged", {"engaged_ms": 4000, "scroll_depth": 30, "clicks": 2})] * 7,
    *[("session_ended", {"reason": reason}) for reason in ("page_unload", "page_unload", "sign_out", "user_switch")],
    ("user_signed_out", {}),
    ("message_sent", {}),
    ("checkout_started", {"total_amount": 12.5, "currency": "eur", "items": [1, 2]}),
    ("payment_failed", {}),
    *[(name, {"checkout_id": key}) for key in "pq" for name in ("payment_started", "payment_failed")],
    ("payment_succeeded", {"checkout_id": "p", "payment_method": "card"}),
    ("order_placed", {}),
    *[("order_placed", {"order_id": key, "amount": "19.90", "currency": "EUR"}) for key in "rst"],
    ("order_placed", {"order_id": "r", "checkout_id": "q", "amount": 7, "currency": "USD"}),
    ("booking_placed", {"booking_id": "r", "service": "massage", "amount": 30, "currency": "EUR"}),
    ("message_received", {"response_ms": 1500}),
    ("user_signed_up", {}),
    ("user_signed_in", {}),
    ("review_posted", {}),
    *[("community_visited", {"community_id": 1, "visitor_division_id": "n", "community_division_id": d}) for d in "ns"],
    ("community_visited", {"community_id": "2", "community_slug": "two"}),
)
PAUSES = (*[SECOND] * 8, *[3 * MINUTE] * 20, *[20 * MINUTE] * 12, *[30 * MINUTE] * 6, 31 * MINUTE, 300 * MINUTE)


def history(chance: random.Random) -> list[tuple[str, dict]]:
    """(site, event) of a few dozen visitors, most of them up late, some of them never asleep."""
    made = []
    for visitor in range(36):
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
                page = {
                    "page_url": f"https://{site}.example/{chance.choice('xyz')}",
                    "page_type": chance.choice(("homepage", "category", "offer")),
                }
                made.append((site, event(at, device, name, event_id=event_id, properties=properties, **page, **known)))
            at += 25 * MINUTE if sleepless else chance.choice((timedelta(0), TICK, 30 * MINUTE + TICK, *PAUSES))
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_gives_the_marts_of_one_build(here, landing, seed):
    chance = random.Random(seed)
    with here.engine.begin() as connection:
        add_site(connection, "berlin", ZONES["berlin"])
    made = history(chance)
    arrivals = made + chance.sample(made, len(made) // 10)
    chance.shuffle(arrivals)
    third = len(arrivals) // 3
    for part in (arrivals[:third], arrivals[third : 2 * third], arrivals[2 * third :]):
        for site in ZONES:
            landing.land(*(fields for where, fields in part if where == site), site=site)
        last = FIRST + chance.randint(0, DAYS) * timedelta(days=1)
        night.nightly(here, through=last, say=lambda line: None)
    night.nightly(here, say=lambda line: None)
    in_pieces = contents(here)
    with here.engine.begin() as connection:
        for mart in in_pieces:
            connection.exec_driver_sql(f"truncate marts.{mart}")
    night.rebuild(here, Slice(FIRST - timedelta(days=2), FIRST + DAYS * timedelta(days=1)), say=lambda line: None)
    at_once = contents(here)
    for mart, found in at_once.items():
        assert in_pieces[mart] == found, mart
    events = [as_received(site, fields) for site, fields in made]
    sessions = sessionise(events, ZONES)
    assert sessions_of(here) == {
        (s.site, s.visitor, s.start, s.end, s.date, s.start_cause, s.end_cause, s.event_count, s.page_views, s.user_id)
        for s in sessions
    }
    bought = oracle.commerce(sessions, events)
    assert checkouts_of(here) == oracle.checkouts(bought)
    assert payment_errors_of(here) == oracle.payment_errors(bought)
    assert orders_of(here) == oracle.orders(bought)
    assert funnel_of(here) == oracle.funnel(sessions, events)


def sessions_of(here) -> set[tuple]:
    return set(
        rows(
            here.engine,
            "select site_id, visitor_id, started_at, ended_at, session_date, start_cause, end_cause, event_count,"
            " page_view_count, user_id from marts.sessions",
        )
    )


def named(here, found) -> set[tuple]:
    """Rows of (site, checkout, …) with the checkouts that are sessions named as the oracle names them."""
    sessions = rows(here.engine, "select session_id, visitor_id, started_at from marts.sessions")
    names = {session_id: (visitor, start) for session_id, visitor, start in sessions}
    return {(site, names.get(checkout, checkout), *others) for site, checkout, *others in found}


def checkouts_of(here) -> set[tuple]:
    return named(
        here,
        rows(
            here.engine,
            "select site_id, checkout_id, started_at, session_count, user_id, status, error_count, retry_count,"
            " is_recovered, amount, currency, payment_method, abandoned_step from marts.checkouts",
        ),
    )


def payment_errors_of(here) -> set[tuple]:
    return named(
        here,
        rows(
            here.engine,
            "select site_id, checkout_id, event_id, attempt_number, retried_at, recovered_at, amount, currency,"
            " payment_method from marts.payment_errors",
        ),
    )


def orders_of(here) -> set[tuple]:
    return set(
        rows(
            here.engine,
            "select site_id, order_type, order_id, order_date, event_id, event_count, amount, currency"
            " from marts.orders",
        )
    )


def funnel_of(here) -> set[tuple]:
    return set(
        rows(
            here.engine,
            "select site_id, stat_date, step_number, entered, completed, median_seconds from marts.daily_funnel",
        )
    )


def as_received(site: str, fields: dict) -> dict:
    """The event as the oracle takes it."""
    return json.loads(json.dumps(fields)) | {
        "site_id": site,
        "occurred_at": datetime.fromisoformat(fields["client_timestamp"]),
    }
