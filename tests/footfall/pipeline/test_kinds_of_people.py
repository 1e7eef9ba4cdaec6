"""Days of which only signed-in or only anonymous people's raw events are left: published figures stay, whatever comes."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, night
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from warehouse.postgres.locks import CANDIDATE, held
from warehouse.postgres.roles import Role
from warehouse.publication.redate import change_zone
from warehouse.publication.slices import Slice, SliceError
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}
AGE = 100
TODAY = datetime.now(UTC).date()
DAY = TODAY - timedelta(days=AGE)
"""The day of which one kind goes. All of one run of the tests speak of the same day."""


def at(clock, days_later=0):
    return datetime.combine(DAY + timedelta(days=days_later), time.fromisoformat(clock), UTC)


def two_days(installation):
    """Customers who were anonymous first, people who never were, and sessions of both over the midnight between."""
    Landing(installation.settings.landing).land(
        event(at("10:00"), "d1"),
        event(at("10:10"), "d1", name="user_signed_up", user_id="ann"),
        event(at("10:20"), "d1", page_url="https://shop.example/ann"),
        event(at("10:30"), "d1", name="order_placed", properties={"order_id": "o", "amount": 5, "currency": "EUR"}),
        event(at("12:00"), "stranger"),
        event(at("12:00"), "visitor", name="community_visited", properties={"community_id": "c"}),
        event(at("23:40"), "d2"),
        event(at("23:45"), "d2", user_id="bob"),
        event(at("00:10", 1), "d2"),
        event(at("23:50"), "owl"),
        event(at("00:10", 1), "owl"),
        event(at("12:00", 1), "d1", user_id="ann"),
        event(at("12:00", 1), "stranger"),
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    )
    night.nightly(installation, **QUIETLY)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC"}, two_days) as copies:
        yield copies


@pytest.fixture(params=["anonymous", "signed_in"])
def kind(request):
    return request.param


@pytest.fixture
def installation(copies, kind):
    """The two days, and of the first the kind is gone."""
    with copies() as installation:
        before = contents(installation)
        prune_kind(installation, kind)
        after = contents(installation)
        # Only mart events is kept as long as raw events.
        gone = [json.loads(row) for (row,) in set(before.pop("events")) - set(after.pop("events"))]
        assert {(row["event_date"], row["user_id"] is None) for row in gone} == {(str(DAY), kind == "anonymous")}
        assert after == before
        yield installation


def prune_kind(installation, kind):
    with installation.engine.begin() as connection:
        set_policy(connection, "raw_events", (TODAY - DAY).days - 1, kind)
    prune(installation.engine_of(Role.RETENTION), installation.settings, published_marts(installation))


def raw_of_the_day(installation):
    return rows(
        installation.engine,
        "select to_char(occurred_at, 'HH24:MI'), anonymous_id from raw.events where event_date = :day order by 1, 2",
        day=DAY,
    )


def of_the_day(installation, day=DAY):
    """All rows of the marts that belong to the day."""
    return {
        mart: [row for (row,) in found if f'"event_date":"{day}"' in row]
        for mart, found in contents(installation).items()
    }


def test_of_the_day_just_that_kind_is_gone(installation, kind):
    anonymous = [("10:00", "d1"), ("12:00", "stranger"), ("12:00", "visitor"), ("23:40", "d2"), ("23:50", "owl")]
    signed_in = [("10:10", "d1"), ("10:20", "d1"), ("10:30", "d1"), ("23:45", "d2")]
    assert raw_of_the_day(installation) == (signed_in if kind == "anonymous" else anonymous)
    assert rows(installation.engine, "select event_date, reason from ops.frozen_days") == [(DAY, "pruned")]


def test_a_rebuild_keeps_the_day_and_says_so_or_refuses_it(installation):
    before, said = contents(installation), []
    night.rebuild(installation, say=said.append)
    assert [line for line in said if line.startswith(("kept", "marked"))] == [
        "kept       1 day as published: raw events are gone, all or some",
        "marked     1 day; if interrupted, `footfall nightly` goes on where this stopped",
    ]
    assert contents(installation) == before
    for again in (night.rebuild, candidates.build):
        with pytest.raises(SliceError, match=f"raw events of {DAY} are gone, all or some, pruned by retention"):
            again(installation, Slice(DAY, DAY), **({} if again is candidates.build else QUIETLY))
    assert contents(installation) == before


@pytest.mark.nights
def test_late_events_leave_the_day_as_it_is_and_are_counted_on_the_next(installation, landing):
    """They continue the sessions of both kinds that began on the frozen day, whose events are read no more."""
    before = of_the_day(installation)
    landing.land(
        *(event(at("00:05", 1), device) for device in ("d2", "owl")),
        *(event(at("00:20", 1), device) for device in ("d2", "owl", "new")),
        event(at("15:00"), "stranger"),
        event(at("15:00"), "d1", user_id="ann"),
    )
    report = night.load(installation)
    assert (report.loaded, report.rejected) == (5, 2)
    night.nightly(installation, **QUIETLY)
    assert of_the_day(installation) == before
    new = rows(
        installation.engine,
        "select visitor_id from marts.sessions where started_at = :at order by 1",
        at=at("00:20", 1),
    )
    assert new == [("d2",), ("new",), ("owl",)]
    assert rows(installation.engine, "select figure from ops.restatements where event_date = :d", d=DAY) == []
    assert rows(installation.engine, "select event_date, reason from ops.frozen_days") == [(DAY, "pruned")]
    assert rows(installation.engine, "select * from ops.dirty_days") == []


@pytest.mark.nights
def test_a_new_zone_moves_no_event_of_the_day_and_none_to_it(installation):
    raw, before = raw_of_the_day(installation), of_the_day(installation)
    with held(installation.engine, CANDIDATE):
        with installation.engine.begin() as connection:
            change_zone(connection, "shop", "America/New_York")
        night.redate_sites(installation, lambda line: None)
    night.nightly(installation, **QUIETLY)
    assert raw_of_the_day(installation) == raw
    assert of_the_day(installation) == before
    assert rows(installation.engine, "select * from ops.dirty_days") == []


@pytest.mark.nights
def test_newer_rules_and_missing_events_of_the_day_raise_no_alarm(installation, kind):
    """New lists of robots want both days built again, and of the frozen one more events are lost."""
    before = contents(installation)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update raw.user_agents set rules_version = 'older', is_bot = not is_bot")
        connection.execute(
            text("delete from raw.events where event_date = :day and anonymous_id in ('owl', 'd1')"), {"day": DAY}
        )
    assert len(night.nightly(installation, **QUIETLY)) == 1
    built = "select first_date, last_date from ops.publications order by publication_id desc limit 1"
    assert rows(installation.engine, built) == [(DAY + timedelta(days=1),) * 2]
    assert contents(installation) == before
    assert rows(installation.engine, "select event_date, reason from ops.frozen_days") == [(DAY, "pruned")]


@pytest.mark.nights
def test_the_other_kind_goes_later_with_the_whole_day(installation, kind):
    before = contents(installation)
    prune_kind(installation, "signed_in" if kind == "anonymous" else "anonymous")
    assert raw_of_the_day(installation) == []
    assert rows(installation.engine, "select to_regclass('raw.events_' || to_char(cast(:d as date), 'YYYYMMDD'))", d=DAY) == [
        (None,)
    ]  # fmt: skip
    night.rebuild(installation, **QUIETLY)
    after = contents(installation)
    assert after.pop("events") == [row for row in before.pop("events") if f'"event_date":"{DAY}"' not in row[0]]
    assert after == before
