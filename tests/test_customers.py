"""Customers and communities: as a plain reading of the events says, and right for longer than the sessions are kept."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from footfall import night
from footfall.simulator.people import BOTS, BROWSERS
from ingestion.user_agents import parse
from tests.conftest import contents, event, rows
from tests.oracle.sessions import sessionise
from tests.test_order import ZONES, as_received, history
from warehouse.retention import prune
from warehouse.sites import add_site
from warehouse.slices import Slice, parse_days

QUIETLY = {"say": lambda line: None}
ONE_ORDER = {"order_id": "o1", "amount": 19.9, "currency": "EUR"}
TOTALS = (
    "select session_count, active_days, page_view_count, order_count, revenue::text, registered_at::date::text"
    " from marts.customers where user_id = 'ann'"
)


# Against a plain reading -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told():
    """A random history, with a user agent for each device: {(site, event id): event}."""
    made = {}
    for site, fields in history(random.Random(3)):
        device = fields["anonymous_id"]
        agents = [*BROWSERS[:4], BOTS[0]]
        agent = agents[int(device[1:]) % len(agents)].user_agent if device else None
        made[site, fields["event_id"]] = fields | {"user_agent": agent}
    return made


@pytest.fixture
def published(here, landing, told):
    """An installation that published the history in two nights, the second with late events of the first's days."""
    with here.engine.begin() as connection:
        add_site(connection, "berlin", ZONES["berlin"])
    keys = random.Random(4).sample(list(told), len(told))
    for part in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
        for site in ZONES:
            landing.land(*(told[key] for key in part if key[0] == site), site=site)
        night.nightly(here, **QUIETLY)
    return here


def test_customers_and_communities_are_as_a_plain_reading_of_the_events_says(published, told):
    events = {key: as_received(key[0], fields) for key, fields in told.items()}
    sessions = sessionise(events.values(), ZONES)
    people = [session for session in sessions if not is_bot(own_agent(session, events))]
    assert customers_of(published) == expected_customers(people, first_orders(sessions, events), events)
    assert communities_of(published) == expected_communities(people, events)


def own_agent(session, events):
    agents = (events[session.site, event_id]["user_agent"] for event_id in session.event_ids)
    return next((agent for agent in agents if agent), None)


def is_bot(agent):
    return agent is not None and parse(agent).is_bot


def first_orders(sessions, events):
    """{session: [(type, id, time, amount)]} of all first reports."""
    reports = defaultdict(list)
    for number, session in enumerate(sessions):
        for event_id in session.event_ids:
            found = events[session.site, event_id]
            if (kind := found["event_name"].removesuffix("_placed")) in ("order", "booking"):
                order_id = found["properties"].get(f"{kind}_id", event_id)
                reports[session.site, kind, order_id].append((found["occurred_at"], event_id, number))
    orders = defaultdict(list)
    for (site, kind, order_id), of_order in reports.items():
        at, event_id, number = min(of_order)
        told = events[site, event_id]["properties"]
        orders[id(sessions[number])].append((kind, order_id, at, told))
    return orders


def expected_customers(people, orders, events):
    """One tuple per user, like those of `customers_of`."""
    by_user = defaultdict(list)
    for session in people:
        if session.user_id:
            by_user[session.site, session.user_id].append(session)
    found = set()
    for (site, user), own in by_user.items():
        placed = [order for session in own for order in orders[id(session)]]
        names = Counter(
            events[session.site, event_id]["event_name"] for session in own for event_id in session.event_ids
        )
        logins = [
            (at["occurred_at"], at["event_name"])
            for session in own
            for event_id in session.event_ids
            if (at := events[session.site, event_id])["event_name"] in ("user_signed_in", "user_signed_up")
        ]
        revenue = defaultdict(Decimal)
        for *_, said in placed:
            if "currency" in said:
                revenue[said["currency"]] += Decimal(str(said["amount"]))
        last_order = max(((at, order_id) for kind, order_id, at, _ in placed if kind == "order"), default=(None, None))
        agents = [parse(agent) for session in own if (agent := own_agent(session, events))]
        found.add(
            (
                site,
                user,
                len({session.date for session in own}),
                len(own),
                sum(int((session.end - session.start).total_seconds()) for session in own),
                names["page_viewed"],
                names["review_posted"],
                sum(kind == "order" for kind, *_ in placed),
                sum(kind == "booking" for kind, *_ in placed),
                tuple(sorted(revenue.items())),
                min((at for at, name in logins if name == "user_signed_up"), default=None),
                max((at for at, _ in logins), default=None),
                min(session.start for session in own),
                max(session.end for session in own),
                *last_order,
                most_frequent(agent.device_type for agent in agents),
                most_frequent(agent.browser for agent in agents),
                most_frequent(agent.os for agent in agents),
            )
        )
    return found


def most_frequent(names):
    counts = Counter(name for name in names if name)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def customers_of(here):
    found = rows(
        here.engine,
        "select site_id, user_id, active_days, session_count, seconds_total, page_view_count, review_count, order_count,"
        " booking_count, revenue, registered_at, last_login_at, first_seen_at, last_seen_at, last_order_at, last_order_id,"
        " primary_device_type, primary_browser, primary_os from marts.customers",
    )
    return {
        (
            *row[:9],
            tuple(sorted((name, Decimal(str(amount))) for name, amount in (row[9] or {}).items())),
            *row[10:],
        )
        for row in found
    }


def expected_communities(people, events):
    """One tuple per site, day and community, like those of `communities_of`."""
    visits = defaultdict(list)
    for session in people:
        for event_id in session.event_ids:
            found = events[session.site, event_id]
            if found["event_name"] == "community_visited":
                said = found["properties"]
                divisions = {said.get("visitor_division_id"), said.get("community_division_id")}
                crossing = len(divisions) == 2 and None not in divisions
                key = session.site, session.date, str(said["community_id"])
                visits[key].append((session.visitor, session.user_id, crossing))
    return {
        (
            *key,
            len(own),
            len({visitor for visitor, *_ in own}),
            len({visitor for visitor, user, _ in own if user}),
            sum(crossing for *_, crossing in own),
            len({visitor for visitor, _, crossing in own if crossing}),
        )
        for key, own in visits.items()
    }


def communities_of(here):
    return set(
        rows(
            here.engine,
            "select site_id, stat_date, community_id, visits, visitors, signed_in_visitors, cross_division_visits,"
            " cross_division_visitors from marts.community_visits_daily",
        )
    )


# For longer than sessions are kept ---------------------------------------------------------------


def noon(days_ago: int) -> datetime:
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=days_ago), time(12), UTC)


def test_a_customers_totals_outlive_the_sessions(here, landing):
    landing.land(
        event(noon(400), user_id="ann", name="user_signed_up"),
        event(noon(400), user_id="ann"),
        event(noon(400), user_id="ann", name="order_placed", properties=ONE_ORDER),
    )
    night.nightly(here, **QUIETLY)
    prune(here.engine, here.settings.landing)
    assert rows(here.engine, "select (select count(*) from marts.sessions), (select count(*) from raw.events)") == [
        (0, 0)
    ]
    landing.land(event(noon(1), user_id="ann"))
    night.nightly(here, **QUIETLY)
    registered = noon(400).date().isoformat()
    assert rows(here.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', registered)]
    yesterday = noon(1).date()
    night.rebuild(here, Slice(yesterday, yesterday), **QUIETLY)
    assert rows(here.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', registered)]


def test_a_late_event_corrects_a_customers_totals_once(here, landing):
    landing.land(
        event("2026-11-02 12:00", user_id="ann", name="user_signed_up"),
        event("2026-11-03 23:50", user_id="ann"),
        event("2026-11-04 00:10", user_id="ann", name="order_placed", properties=ONE_ORDER),
    )
    night.nightly(here, **QUIETLY)
    assert rows(here.engine, TOTALS) == [(2, 2, 1, 1, '{"EUR": 19.9}', "2026-11-02")]
    late = (
        event("2026-11-04 00:20", user_id="ann", event_id="late"),
        event("2026-11-02 12:20", user_id="ann", name="order_placed", event_id="later", properties=ONE_ORDER),
    )
    for _ in range(2):
        landing.land(*late)
        night.nightly(here, **QUIETLY)
        assert rows(here.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', "2026-11-02")]
    assert rows(here.engine, "select stat_date::text, orders from marts.customer_days order by 1") == [
        ("2026-11-02", 1),
        ("2026-11-03", 0),
    ]
    in_steps = contents(here)
    night.rebuild(here, parse_days("2026-11-02..2026-11-04"), **QUIETLY)
    assert contents(here) == in_steps


def test_a_customer_without_events_is_none(here, landing):
    at, noon = "2026-11-02 11:00", datetime(2026, 11, 2, 12, tzinfo=UTC)
    landing.land(event(at, event_id="x", user_id="ann", received_at=noon + timedelta(hours=1)))
    night.nightly(here, **QUIETLY)
    assert rows(here.engine, "select user_id from marts.customers") == [("ann",)]
    # The same event, received before: it was bob's.
    landing.land(event(at, event_id="x", user_id="bob", received_at=noon))
    night.nightly(here, **QUIETLY)
    assert rows(here.engine, "select user_id from marts.customers") == [("bob",)]
    assert rows(here.engine, "select user_id from marts.customer_days") == [("bob",)]


# The address of a session ------------------------------------------------------------------------


def test_a_session_tells_the_network_for_as_long_as_the_policy_lets_it(here, landing):
    landing.land(event(noon(40), ip="203.0.113.7"), event(noon(20), ip="2001:db8:1:2::3"))
    night.nightly(here, **QUIETLY)
    addresses = "select ip_masked from marts.sessions order by started_at"
    assert rows(here.engine, addresses) == [("203.0.113.0/24",), ("2001:db8:1::/48",)]
    prune(here.engine, here.settings.landing)
    assert rows(here.engine, addresses) == [(None,), ("2001:db8:1::/48",)]
    pruned = contents(here)
    night.rebuild(here, Slice(noon(40).date(), noon(20).date()), **QUIETLY)
    assert contents(here) == pruned
