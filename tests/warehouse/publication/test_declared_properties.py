"""Declaring properties of events: what is refused, and which days are built again."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.database import let_be_partial, rows
from warehouse.access.sites import SiteError, add_site
from warehouse.publication.declared_properties import (
    DeclaredProperty,
    PropertyError,
    add_property,
    list_properties,
    remove_property,
)
from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts

TITLE = DeclaredProperty("shop", "played", "title", "text", "")


@pytest.fixture
def add(engine, parsed_project):
    """Two sites, of which `shop` played on two days, one of them frozen."""
    marts = read_marts(parsed_project / "manifest.json")
    (events,) = (mart for mart in marts if mart.name == "events")
    with engine.begin() as connection:
        for site in ("shop", "blog"):
            add_site(connection, site)
        ensure_marts(connection, marts)
        let_be_partial(connection, "marts.events")
        for day in (1, 2):
            connection.exec_driver_sql(
                "insert into marts.events (site_id, session_id, position, event_name, event_date)"
                f" values ('shop', 's', {day}, 'played', '2026-11-0{day}')"
            )
        connection.exec_driver_sql("insert into ops.frozen_days (event_date) values ('2026-11-01')")

    def add(wanted):
        with engine.begin() as connection:
            return add_property(connection, wanted, events, ["email", "name"])

    return add


def dirty(engine):
    return rows(engine, "select site_id, event_date, cause from ops.dirty_days")


def test_a_declared_property_is_built_for_the_days_on_which_its_event_happened(engine, add):
    assert add(TITLE) == 1
    assert dirty(engine) == [("shop", date(2026, 11, 2), "site_options")]
    assert add(TITLE) is None
    assert add(replace(TITLE, description="What was played.")) == 0
    assert add(replace(TITLE, site_id="blog")) == 0
    with engine.begin() as connection:
        assert [each.site_id for each in list_properties(connection)] == ["blog", "shop"]
        assert remove_property(connection, "shop", "played", "title") == 1
        assert [each.site_id for each in list_properties(connection)] == ["blog"]
        with pytest.raises(PropertyError, match="site shop declares no title of played"):
            remove_property(connection, "shop", "played", "title")
    assert len(dirty(engine)) == 2


def test_a_property_has_one_type_on_all_sites(add):
    add(TITLE)
    with pytest.raises(PropertyError, match=r"title of played is text on site shop: .* or declare it as text"):
        add(replace(TITLE, site_id="blog", type="number"))
    with pytest.raises(PropertyError, match="is text on site shop"):
        add(replace(TITLE, type="number"))
    add(replace(TITLE, event_name="paused", type="number"))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "site_id"}, r"site_id is a column of mart events already: read it as properties ->> 'site_id'"),
        ({"name": "Email"}, "it may hold contacts"),
        ({"name": " "}, "1 to 100 printable characters"),
        ({"name": "t" * 101}, "1 to 100 printable characters"),
        ({"name": "a\nb"}, "printable"),
        ({"name": "\udcff"}, "printable"),
        ({"event_name": "Played"}, "no name of an event"),
        ({"event_name": "p" * 65}, "no name of an event"),
        ({"type": "money"}, "no type of a property; there are text: "),
    ],
)
def test_what_cannot_be_a_column_is_refused_with_the_reason(engine, add, changed, why):
    with pytest.raises(PropertyError, match=why):
        add(replace(TITLE, **changed))
    assert rows(engine, "select * from ops.declared_properties") == []


def test_a_site_that_is_none_is_refused(add):
    with pytest.raises(SiteError, match="there is no site nowhere"):
        add(replace(TITLE, site_id="nowhere"))


@pytest.mark.parametrize(
    "own", ["create table marts.events_played (n integer)", "create view marts.events_played as select 1 as n"]
)
def test_a_relation_of_ones_own_in_the_place_of_the_view_is_refused(engine, add, own):
    with engine.begin() as connection:
        connection.exec_driver_sql(own)
    with pytest.raises(PropertyError, match="events_played is your own"):
        add(TITLE)
