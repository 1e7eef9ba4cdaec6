"""The views of events with declared properties: a value that is none of its type is null, whatever was sent."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.support.database import declare, let_be_partial, rows
from warehouse.access.sites import add_site
from warehouse.postgres.roles import Role
from warehouse.publication.declared_properties import DeclaredProperty
from warehouse.tables.contracts import read_marts
from warehouse.tables.marts import ensure_marts
from warehouse.tables.property_views import TYPES, cut, ensure_property_views, keep_property_views
from warehouse.tables.views import ViewError

NAMES = ("a 'quoted' \"name\"", "100 %s :x {y}", "größe\U0001f600", "l" * 100, "ü" * 60, "ctid")


def of(name, kind="text", event_name="played", site="shop", description=""):
    return DeclaredProperty(site, event_name, name, kind, description)


@pytest.fixture
def declared(engine, parsed_project):
    """Sites `shop` and `blog` with marts, and a function that declares properties and makes the views."""

    def make(*properties):
        with engine.begin() as connection:
            declare(connection, *properties)
            connection.exec_driver_sql(f"set local role {Role.PUBLISHER}")
            ensure_property_views(connection)

    with engine.begin() as connection:
        for site in ("shop", "blog"):
            add_site(connection, site)
        connection.exec_driver_sql(f"set local role {Role.PUBLISHER}")
        ensure_marts(connection, read_marts(parsed_project / "manifest.json"))
        let_be_partial(connection, "marts.events")
    return make


def put(engine, *properties, event_name="played"):
    with engine.begin() as connection:
        for number, given in enumerate(properties):
            written = json.dumps(given).replace("'", "''").replace("%", "%%")
            connection.exec_driver_sql(
                "insert into marts.events (site_id, session_id, position, event_name, properties)"
                f" values ('shop', 's', {number}, '{event_name}', '{written}')"
            )


MOMENT = datetime(2026, 11, 27, 14, 5, tzinfo=UTC)
VALUES = {
    "text": [("x", "x"), ("", ""), (7, "7"), (True, "true"), ({"a": 1}, None), (["x"], None), (None, None)],
    "number": [
        *((7, 7), (-1.5, Decimal("-1.5")), ("12.50", Decimal("12.5")), ("1e3", 1000), (1e300, Decimal(10) ** 300)),
        *(("1e400", None), ("NaN", None), ("Infinity", None), ("", None), ("7 EUR", None), (True, None), ("0x1", None)),
        *(({"a": 1}, None), ([1], None), ("1" * 41, None), ("٣", None), ("7\n", None)),
    ],
    "boolean": [(True, True), (False, False), ("true", True), ("false", False), ("yes", None), (1, None), ([], None)],
    "date": [
        *(("2026-11-27", date(2026, 11, 27)), ("2026-02-30", None), ("20000-01-01", None), ("2026-11-27T10:00Z", None)),
        *(("today", None), ("infinity", None), ("0000-01-01", None), (20261127, None), ({}, None)),
    ],
    "timestamp": [
        *(("2026-11-27T14:05:00Z", MOMENT), ("2026-11-27 15:05+01:00", MOMENT), ("2026-11-27T14:05:00", None)),
        *(("2026-11-27T25:00:00Z", None), ("20000-01-01T00:00:00Z", None), ("now", None), (1764252300, None)),
        *(("2026-11-27T14:05:00.000000Z", MOMENT), ("2026-11-27T14:05:00+99:00", None)),
    ],
}


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_no_value_of_the_type_is_null(engine, declared, kind):
    declared(of("it", kind))
    put(engine, *({"it": sent} for sent, _ in VALUES[kind]), {})
    found = [row[0] for row in rows(engine, "select it from marts.events_played order by position")]
    assert found == [*(read for _, read in VALUES[kind]), None]


def test_a_property_of_any_name_has_a_column(engine, declared):
    declared(*map(of, NAMES))
    put(engine, {name: name for name in NAMES})
    query = "select attname::text from pg_attribute where attrelid = 'marts.events_played'::regclass and attnum > 13"
    columns = [name for (name,) in rows(engine, f"{query} order by attnum")]
    assert columns == [cut(name) for name in NAMES]
    assert all(len(name.encode()) <= 63 for name in columns)
    assert len(set(columns)) == len(NAMES)
    (found,) = rows(engine, "select * from marts.events_played")
    assert found[-len(NAMES) :] == NAMES


def test_a_view_is_named_for_its_event_and_ends_with_a_hash_where_that_is_too_long(engine, declared):
    names = ("p" * 64, "p" * 63 + "q")
    declared(*(of("it", event_name=name) for name in names))
    found = [view for (view,) in rows(engine, VIEWS)]
    assert sorted(found) == sorted(cut(f"events_{name}") for name in names)
    assert {len(view) for view in found} == {63}


VIEWS = "select relname::text from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'v' and relname like 'events%'"


def test_columns_come_and_go_with_the_sites_that_declare_them(engine, declared):
    declared(of("b", description="It's 100 % so."), of("b", site="blog"))
    declared(of("a", "number"))
    query = "select attname::text, col_description(attrelid, attnum) from pg_attribute where attnum > 13"
    query += " and attrelid = 'marts.events_played'::regclass and not attisdropped order by attnum"
    number = "Property a: a number, also one that was sent as text; null where it is none, or missing."
    assert rows(engine, query) == [("b", "It's 100 % so."), ("a", number)]
    with engine.begin() as connection:
        connection.exec_driver_sql("create view public.mine as select b from marts.events_played")
        connection.exec_driver_sql("delete from ops.declared_properties where property = 'b'")
    with pytest.raises(ViewError, match="events_played gets other columns; drop views of your own"):
        declared()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"set local role {Role.PUBLISHER}")
        keep_property_views(connection)  # As a night does, which goes on.
    assert len(rows(engine, query)) == 2
    with engine.begin() as connection:
        connection.exec_driver_sql("drop view public.mine")
    declared()
    assert rows(engine, query) == [("a", number)]
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from ops.declared_properties where event_name = 'played'")
    declared()
    assert ("events_played",) not in rows(engine, VIEWS)


def test_a_view_of_ones_own_that_is_named_like_those_of_events_stays(engine, declared):
    with engine.begin() as connection:
        connection.exec_driver_sql("create view marts.events_by_hour as select 1 as n")
    declared(of("a"))
    assert ("events_by_hour",) in rows(engine, VIEWS)
