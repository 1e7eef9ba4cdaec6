"""Events and their declared properties after a night: as sent, without contacts, found by an index for every reader."""

import json

import pytest
from sqlalchemy import text

from tests.support.database import rows
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.postgres.connect import connect

SEARCH = """
select e.event_id, e.occurred_at, e.properties
from marts.event_properties as p
inner join marts.events as e
    on e.site_id = p.site_id and e.session_id = p.session_id and e.position = p.position
where p.site_id = 'shop' and p.event_name = 'payment_failed' and p.property = 'error_code'
    and p.value = left('card_declined', 200) and p.occurred_at >= '2026-11-01' and p.occurred_at < '2026-12-01'
order by p.occurred_at desc, p.session_id desc, p.position desc
limit 100
"""


def test_every_event_of_people_is_there_with_its_properties(published):
    counted = "select sum(event_count) from marts.daily_event_stats"
    assert rows(published.engine, "select count(*) from marts.events") == rows(published.engine, counted)
    query = "select user_id, page_path, properties from marts.events where event_name = 'booking_placed'"
    booked = {"booking_id": "b-1", "service": "massage", "amount": 50, "currency": "USD"}
    assert rows(published.engine, query) == [("dora", "/", booked)]


def test_the_user_is_the_one_of_that_time(published):
    query = "select event_name, user_id from marts.events where visitor_id = 'ann''s' and site_id = 'shop'"
    assert rows(published.engine, f"{query} and event_date = '2026-11-03' order by position") == [
        *(("page_viewed", None), ("user_signed_up", "ann"), ("page_viewed", "ann"))
    ]


def test_values_of_declared_properties_are_columns_and_are_counted(published):
    query = "select visitor_id, error_code from marts.events_payment_failed order by 1"
    assert rows(published.engine, query) == [("carl's", "card_declined"), ("eve's", "insufficient_funds")]
    assert rows(published.engine, "select amount + 1 from marts.events_order_placed") == [(101,)]
    query = "select event_date::text, property, value, event_count, session_count from marts.daily_property_stats"
    assert rows(published.engine, f"{query} order by 1, 2") == [
        ("2026-11-02", "error_code", "insufficient_funds", 1, 1),
        ("2026-11-03", "amount", "100", 1, 1),
        ("2026-11-03", "error_code", "card_declined", 1, 1),
    ]


@pytest.fixture(scope="module")
def analyst(finished_night, tmp_path_factory):
    """A connection of the analyst of `shop`, for whom no other plan than by index is cheap."""
    with finished_night.beside(tmp_path_factory.mktemp("properties") / "home") as installation:
        with installation.engine.begin() as connection:
            role, password = renew_site_analyst(connection, "shop")
        with connect(installation.engine.url.set(username=role, password=password)) as connection:
            connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
            yield connection
        with installation.engine.begin() as connection:
            connection.execute(text(f"drop owned by {role}"))
            connection.execute(text(f"drop role {role}"))


def test_row_level_security_lets_the_search_by_property_use_the_whole_index(analyst):
    """Comparisons of texts and times are leakproof, those of JSON are not: an index of properties would not be used."""
    assert [row[0] for row in analyst.execute(SEARCH).fetchall()] == ["carl's 03 11:03"]
    ((plan,),) = analyst.execute(f"explain (format json) {SEARCH}").fetchall()
    written = json.dumps(plan)
    assert '"Sort"' not in written
    (scan,) = [node for node in nodes(plan[0]["Plan"]) if node.get("Index Name") == "event_properties_pkey"]
    for column in ("site_id", "event_name", "property", "value", "occurred_at"):
        assert column in scan["Index Cond"], scan


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_an_analyst_of_a_site_reads_its_events_alone_through_the_views_too(analyst):
    for relation in ("events", "event_properties", "daily_property_stats", "events_payment_failed"):
        found = analyst.execute(f"select distinct site_id from marts.{relation}").fetchall()
        assert found == [("shop",)], relation


def test_the_command_shows_what_is_declared_and_refuses_another_type(command):
    listed = command("property", "list")
    assert "marts.events_payment_failed.error_code" in listed.stdout
    other = command("property", "add", "amount", "--event", "order_placed", "--type", "text", "--site", "blog")
    assert other.returncode == 1
    assert "amount of order_placed is number on site shop" in " ".join(other.stderr.split())
