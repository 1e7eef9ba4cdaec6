"""Goals and a funnel of the simulated shop, added after its first night: the next one counts what the oracle counts."""

from datetime import date

import pytest

from footfall.pipeline import night
from footfall.pipeline.dbt import variables
from footfall.simulator.sites import TIMEZONES
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.marts.comparison import differences
from tests.support.traffic import accepted
from warehouse.goals.funnels import Funnel, add_funnel
from warehouse.goals.goals import Goal, add_goal, remove_goal
from warehouse.goals.step import read_step

RUN = (3, 1500, 7, date(2026, 11, 3))
GOALS = (
    Goal("shop", "sale", read_step("event:order_placed"), value_property="amount"),
    Goal("shop", "offer", read_step("/o/*")),
    Goal("shop", "card", read_step("event:payment_failed"), "error_code", "card_declined"),
    Goal("widget", "asked", read_step("event:message_sent")),
)
FUNNEL = Funnel("shop", "buy", tuple(map(read_step, ("/o/*", "event:checkout_started", "event:order_placed"))))


@pytest.mark.nights
def test_goals_and_a_funnel_of_a_shop_are_those_of_the_oracle(anew):
    events = accepted(*RUN)
    with anew(TIMEZONES) as installation:
        landing = Landing(installation.settings.landing)
        for site in TIMEZONES:
            landing.land(*(sent(event) for event in events if event["site_id"] == site), site=site)
        night.nightly(installation, say=lambda line: None)
        with installation.engine.begin() as connection:
            assert [add_goal(connection, goal, variables()) for goal in GOALS] == [3, 3, 2, 3], "days with such events"
            assert add_funnel(connection, FUNNEL, variables()) == 3
        night.nightly(installation, say=lambda line: None)
        found = differences(installation, events, TIMEZONES)
        assert not found, found
        reached = rows(installation.engine, "select goal, count(distinct channel) from marts.daily_goals group by goal")
        assert {goal for goal, _ in reached} == {goal.name for goal in GOALS}
        assert dict(reached)["offer"] > 3
        steps = "select sum(reached)::int from marts.daily_funnels group by step_number order by step_number"
        ((looked,), (began,), (bought,)) = rows(installation.engine, steps)
        assert looked > began > bought > 0
        with installation.engine.begin() as connection:
            assert remove_goal(connection, "shop", "offer") == 3
        night.nightly(installation, say=lambda line: None)
        assert rows(installation.engine, "select count(*) from marts.daily_goals where goal = 'offer'") == [(0,)]
        found = differences(installation, events, TIMEZONES)
        assert not found, found


def sent(event):
    """The event as it lands."""
    return {name: value for name, value in event.items() if name not in ("site_id", "occurred_at")}
