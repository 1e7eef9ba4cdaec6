"""The open day before its night: it equals what the night publishes, delays nothing, and forgets whom all else forgets."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from footfall.answers.questions import answer, parameters, today_as_of
from footfall.pipeline import night, today
from footfall.pipeline.installation import open_installation, published_marts
from footfall.privacy import requests as privacy
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.failing import fail
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.postgres.connect import connect
from warehouse.postgres.locks import CANDIDATE, LOADS, held
from warehouse.privacy.person import Subject
from warehouse.publication.today import NotNow


def open_day():
    """What happened today and yesterday: a visitor who never stopped, and one who came for the first time."""
    now = datetime.now(UTC) - timedelta(minutes=2)
    hours = [now - timedelta(minutes=20 * n) for n in range(60)]
    order = {"order_id": "o-77", "amount": "12.50", "currency": "EUR", "checkout_id": "c-77"}
    return [
        *(event(at, "ann's", page_url="https://shop.example/a") for at in hours),
        event(now - timedelta(minutes=9), "newcomer", page_url="https://shop.example/b?utm_source=news"),
        event(now - timedelta(minutes=8), "newcomer", "user_signed_up", user_id="nora"),
        event(now - timedelta(minutes=7), "newcomer", "checkout_started", user_id="nora", properties=order),
        event(now - timedelta(minutes=6), "newcomer", "payment_failed", user_id="nora", properties=order),
        event(now - timedelta(minutes=5), "newcomer", "order_placed", user_id="nora", properties=order),
    ]


@pytest.fixture
def here(finished_night):
    """The finished night, and an open day that is loaded."""
    with finished_night() as installation:
        Landing(installation.settings.landing).land(*open_day())
        Landing(installation.settings.landing).land(*open_day(), site="blog")
        night.load(installation)
        yield installation


def marts_of(installation, schema):
    """Mart → its rows in the schema, in an order of their own. Weeks, months and years wait for the night."""
    found = {}
    for mart in (each for each in published_marts(installation) if each.name != "visitor_sketches"):
        columns = ", ".join(mart.column_names)
        found[mart.name] = sorted(map(repr, rows(installation.engine, f"select {columns} from {schema}.{mart.name}")))
    return found


def asked(installation, question="summary", include_today=True):
    return answer(installation, question, parameters({"site": "shop", "days": 0}), include_today)[1]


@pytest.mark.nights
def test_it_equals_what_the_night_publishes_and_the_night_takes_its_place(here):
    before = marts_of(here, "marts")
    assert marts_of(here, "with_today") == before
    built = today.build(here)
    expected = marts_of(here, "with_today")
    assert built.sessions
    assert today_as_of(here) == built.as_of
    assert marts_of(here, "marts") == before != expected
    assert asked(here)[0] != asked(here, include_today=False)[0]
    assert today.build(here).days is None
    visitors = asked(here, "visitors")
    assert visitors != asked(here, "visitors", include_today=False)

    night.nightly(here, say=lambda line: None)
    published = marts_of(here, "marts")
    assert published == expected
    assert today_as_of(here) is None
    assert asked(here, "visitors", include_today=False) == visitors
    assert marts_of(here, "with_today") == published
    assert today.build(here).days is None
    assert today_as_of(here)
    assert marts_of(here, "with_today") == published


def test_it_delays_no_night_and_a_night_ends_what_was_begun_before_it(here, monkeypatch):
    with held(here.engine, CANDIDATE), pytest.raises(NotNow, match="a night"):
        today.build(here)
    with held(here.engine, LOADS), pytest.raises(NotNow, match="loaded"):
        today.build(here)

    def while_it_is_built(name, connection=None):
        if name == "today:before_commit":
            nightly = threading.Thread(target=night.nightly, args=(here,), kwargs={"say": lambda line: None})
            nightly.start()
            nightly.join(60)
            finished.append(not nightly.is_alive())

    finished = []
    monkeypatch.setattr(today, "reach", while_it_is_built)
    today.build(here)
    assert finished == [True]
    assert today_as_of(here) is None
    assert marts_of(here, "with_today") == marts_of(here, "marts")


def build_with(settings):
    with open_installation(settings) as installation:
        today.build(installation)


@pytest.mark.nights
def test_a_build_that_is_killed_leaves_what_was_built_before_and_the_next_one_takes_its_place(here):
    today.build(here)
    before, as_of = marts_of(here, "with_today"), today_as_of(here)
    later = datetime.now(UTC) - timedelta(minutes=1)
    Landing(here.settings.landing).land(event(later, "latecomer", page_url="https://shop.example/c"))
    night.load(here)
    for place in ("today:begun", "today:mart#4"):
        fail(place, build_with, here.settings)
        assert (marts_of(here, "with_today"), today_as_of(here)) == (before, as_of), place
    assert today.build(here).days
    assert len(marts_of(here, "with_today")["sessions"]) == len(before["sessions"]) + 1
    assert today_as_of(here) > as_of


@pytest.mark.nights
def test_a_site_and_a_person_see_their_own_and_an_erasure_reaches_it(here):
    today.build(here)
    with here.engine.begin() as connection:
        role, password = renew_site_analyst(connection, "blog")
    with connect(here.engine.url.set(username=role, password=password)) as connection:
        for schema in ("today", "with_today"):
            assert connection.execute(f"select distinct site_id from {schema}.sessions").fetchall() == [("blog",)]
        assert connection.execute("select distinct site_id from today.replaced_visitors").fetchall() == [("blog",)]

    subject = Subject("shop", "user", "nora")
    places = {found.place: found.rows for found in privacy.look(here, subject)}
    assert places["today.sessions"]
    assert places["today.customers"] == 1
    number = privacy.request(here, "erase", subject)
    privacy.carry_out(here, number, lambda line: None)
    assert rows(here.engine, "select count(*) from today.sessions") == [(0,)]
    assert rows(
        here.engine,
        "select count(*) from pg_class where relnamespace = 'today_build'::regnamespace"
        " and relkind = 'r' and relname <> 'slice_days'",
    ) == [(0,)]
    today.build(here)
    assert rows(
        here.engine, "select count(*) from with_today.sessions where site_id = 'shop' and user_id = 'nora'"
    ) == [(0,)]
    assert rows(
        here.engine, "select count(*) from with_today.sessions where site_id = 'blog' and user_id = 'nora'"
    ) == [(1,)]
