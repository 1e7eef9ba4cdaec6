"""Adding and removing goals and funnels: what is refused, and which days are built again."""

from dataclasses import replace

import pytest

from footfall.pipeline.dbt import variables
from tests.support.database import let_be_partial, rows
from warehouse.access.sites import SiteError, add_site
from warehouse.goals.funnels import Funnel, add_funnel, list_funnels, remove_funnel
from warehouse.goals.goals import Goal, add_goal, list_goals, remove_goal
from warehouse.goals.step import GoalError, Step, read_step
from warehouse.publication.site_options import change_options
from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts

SALE = Goal("shop", "sale", read_step("event:order_placed"), value_property="amount")
BUY = Funnel("shop", "buy", tuple(map(read_step, ("/offer/*", "event:order_placed"))))
MARTS = ("daily_event_stats", "daily_goals", "daily_funnels")


@pytest.fixture
def published(engine, parsed_project):
    """Two sites, of which `shop` published four days: with orders, frozen with orders, with page views, with (other)."""
    with engine.begin() as connection:
        for site in ("shop", "blog"):
            add_site(connection, site)
        ensure_marts(connection, read_marts(parsed_project / "manifest.json"))
        for mart in MARTS:
            let_be_partial(connection, f"marts.{mart}")
        for day, name in ((1, "order_placed"), (2, "order_placed"), (3, "page_viewed"), (4, "(other)")):
            connection.exec_driver_sql(
                "insert into marts.daily_event_stats (site_id, event_date, event_name)"
                f" values ('shop', '2026-11-0{day}', '{name}')"
            )
        connection.exec_driver_sql("insert into ops.frozen_days (event_date) values ('2026-11-01')")
    return engine


@pytest.fixture
def add(published):
    def add(wanted, **project):
        with published.begin() as connection:
            add_it = add_goal if isinstance(wanted, Goal) else add_funnel
            return add_it(connection, wanted, variables() | project)

    return add


def dirty(engine):
    """The marked days, and no marks any more."""
    with engine.begin() as connection:
        found = connection.exec_driver_sql("delete from ops.dirty_days returning event_date, site_id, cause").all()
    assert {(site, cause) for _, site, cause in found} <= {("shop", "site_options")}
    return sorted(day.day for day, *_ in found)


def test_what_is_added_is_built_for_the_days_that_may_have_it_and_whose_raw_events_are_there(published, add):
    assert (add(SALE), dirty(published)) == (2, [2, 4])
    assert (add(SALE), dirty(published)) == (None, [])
    assert (add(BUY), dirty(published)) == (2, [3, 4])
    assert (add(BUY), dirty(published)) == (None, [])
    assert (add(replace(SALE, site_id="blog")), dirty(published)) == (0, [])
    with published.begin() as connection:
        assert list_goals(connection) == [replace(SALE, site_id="blog"), SALE]
        assert list_funnels(connection) == [BUY]


def test_what_is_removed_is_built_for_the_days_that_count_it_and_whose_raw_events_are_there(published, add):
    add(SALE)
    add(BUY)
    dirty(published)
    with published.begin() as connection:
        for day in (1, 3):
            connection.exec_driver_sql(
                "insert into marts.daily_goals (site_id, event_date, goal, channel, currency)"
                f" values ('shop', '2026-11-0{day}', 'sale', 'Email', '(none)')"
            )
            connection.exec_driver_sql(
                "insert into marts.daily_funnels (site_id, event_date, funnel, step_number)"
                f" values ('shop', '2026-11-0{day}', 'buy', 1)"
            )
        assert remove_goal(connection, "shop", "sale") == 1
    assert dirty(published) == [3]
    with published.begin() as connection:
        assert remove_funnel(connection, "shop", "buy") == 1
        assert (list_goals(connection), list_funnels(connection)) == ([], [])
        with pytest.raises(GoalError, match="site shop has no goal sale; `footfall goal list` shows all"):
            remove_goal(connection, "shop", "sale")
        with pytest.raises(GoalError, match="site shop has no funnel buy"):
            remove_funnel(connection, "shop", "buy")
    assert dirty(published) == [3]


def test_a_name_is_that_of_one_goal_of_a_site(add):
    add(SALE)
    add(BUY)
    with pytest.raises(GoalError, match=r"has a goal sale already: event:order_placed, worth its amount\. Choose"):
        add(replace(SALE, value_property=None))
    with pytest.raises(GoalError, match=r"has a funnel buy already: /offer/\*, then event:order_placed\. Choose"):
        add(replace(BUY, steps=BUY.steps * 2))
    assert add(replace(SALE, site_id="blog", value_property=None)) == 0


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": ""}, "1 to 64 printable characters"),
        ({"name": "n" * 65}, "1 to 64 printable characters"),
        ({"name": " sale"}, "none of them a blank at an end"),
        ({"name": "a\nb"}, "printable"),
        ({"step": Step("page_viewed", "/product?id=1")}, r"path_query_keys names, and 'id' is none of them"),
        ({"property": "Email", "property_value": "a"}, "Email can never match: mart events does not hold it"),
        ({"property": " ", "property_value": "a"}, "1 to 100 printable characters"),
        ({"property": "plan", "property_value": "\udcff"}, "cannot be printed"),
        ({"value_property": "error_details"}, "error_details can never match"),
        ({"value_property": "v" * 101}, "1 to 100 printable characters"),
    ],
)
def test_a_goal_that_no_event_can_reach_is_refused_with_the_reason(published, add, changed, why):
    with pytest.raises(GoalError, match=why):
        add(replace(SALE, **changed))
    assert rows(published, "select * from ops.goals") == []


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("pricing", r"'pricing' is no step: write event:NAME for an event, or the path of a page with its /"),
        ("https://shop.example/", "is no step"),
        ("", "is no step"),
        ("event:", "names of events begin with a small letter"),
        ("event:Order", "'Order' can never match"),
        ("event:" + "e" * 65, "at most 64"),
        ("/a#b", "a path ends before the #"),
        ("/a b", "write a blank as it is sent, %20"),
        ("/" + "a" * 1000, "at most 1,000 characters"),
        ("/\x07", "can never match"),
    ],
)
def test_a_step_that_can_never_match_is_refused_with_the_reason(written, why):
    with pytest.raises(GoalError, match=why):
        read_step(written)


def test_a_path_may_have_the_keys_of_a_query_that_the_site_keeps(published, add):
    product = replace(SALE, step=read_step("/product?id=*&size=7"))
    with published.begin() as connection:
        change_options(connection, "shop", {"path_query_keys": ["id"]})
    with pytest.raises(GoalError, match="'size' is none of them"):
        add(product)
    assert add(replace(product, step=read_step("/product?id=*"))) == 2


def test_a_funnel_has_two_to_twenty_steps(add):
    for steps in (BUY.steps[:1], BUY.steps * 10 + BUY.steps[:1]):
        with pytest.raises(GoalError, match=f"2 to 20 steps, not {len(steps)}; make one alone a goal"):
            add(replace(BUY, steps=steps))
    assert add(replace(BUY, steps=BUY.steps * 10)) == 2


def test_a_site_has_a_hundred_goals_and_fifty_funnels_at_most(add):
    for number in range(100):
        add(replace(SALE, name=f"{number}", value_property=None))
    with pytest.raises(GoalError, match="site shop has 100 goals; remove one first"):
        add(SALE)
    for number in range(50):
        add(replace(BUY, name=f"{number}"))
    with pytest.raises(GoalError, match="site shop has 50 funnels; remove one first"):
        add(BUY)


def test_without_mart_events_there_is_nothing_to_count(add):
    for wanted in (SALE, BUY):
        with pytest.raises(GoalError, match="which the option events_mart turns off"):
            add(wanted, events_mart=False)


def test_a_site_that_is_none_is_refused(add):
    for wanted in (SALE, BUY):
        with pytest.raises(SiteError, match="there is no site nowhere"):
            add(replace(wanted, site_id="nowhere"))


def test_before_the_first_publication_no_day_is_built_again(engine):
    with engine.begin() as connection:
        add_site(connection, "shop")
        assert add_goal(connection, SALE, variables()) == 0
        assert remove_goal(connection, "shop", "sale") == 0
