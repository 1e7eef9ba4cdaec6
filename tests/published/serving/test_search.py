"""Events searched over HTTP by each criterion and by several: newest first, page by page, and of the token alone."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from footfall.answers.questions import Parameters, plain_sql
from footfall.pipeline import night
from tests.support.database import declare, rows
from tests.support.events import Landing
from tests.support.marts.history import happened
from tests.support.serving.tokens import new
from warehouse.access.credential import read_credential
from warehouse.postgres.connect import connect
from warehouse.publication.declared_properties import DeclaredProperty

SEARCH = "shop/events/search"
NEWEST_FIRST = "order by occurred_at desc, session_id desc, position desc"
DECLINED = {"name": "payment_failed", "property.error_code": "card_declined", "days": 0}


LONG = "e" * 201
"""A value of which the mart of properties holds all but the last letter."""
ADDRESS = "zoe@example.com"


@pytest.fixture(scope="module", autouse=True)
def another_failure(installation):
    """One payment that failed for a long reason, with contacts, and a second declared property."""
    with installation.engine.begin() as connection:
        declare(connection, DeclaredProperty("shop", "payment_failed", "checkout_id", "text", ""))
    properties = {"checkout_id": "c-zoe", "error_code": LONG, "email": ADDRESS, "payer": {"email": ADDRESS}}
    Landing(installation.settings.landing).land(
        happened("02 20:00", "zoe's", "payment_failed", "/checkout", properties=properties)
    )
    night.nightly(installation, say=lambda line: None)


@pytest.fixture(scope="module")
def found(get):
    def found(token="shop", site="shop", /, **asked):
        answered = get(f"{site}/events/search", token, **asked)
        assert answered.status_code == 200, answered.text
        return [event["event_id"] for event in answered.json()["events"]]

    return found


def in_mart(installation, where, order=NEWEST_FIRST):
    query = f"select event_id from marts.events where site_id = 'shop' and {where} {order}"
    return [event for (event,) in rows(installation.engine, query)]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({}, "true"),
        ({"name": "page_viewed"}, "event_name = 'page_viewed'"),
        ({"days": 1}, "event_date = '2026-11-03'"),
        ({"from": "2026-11-02", "to": "2026-11-02"}, "event_date = '2026-11-02'"),
        ({"name": "page_viewed", "to": "2026-11-02"}, "event_name = 'page_viewed' and event_date <= '2026-11-02'"),
        (
            {"from": "2026-11-03T11:01:00Z", "to": "2026-11-03T13:03:00+01:00"},
            "occurred_at >= '2026-11-03 11:01Z' and occurred_at < '2026-11-03 12:03Z'",
        ),
        ({"from": "2026-11-03", "to": "2026-11-03T11:00:00Z"}, "occurred_at between '2026-11-03Z' and '2026-11-03 10:59Z'"),
        ({"from": "2030-01-01"}, "false"),
        ({"name": "no_such_event"}, "false"),
        (DECLINED, "properties ->> 'error_code' = 'card_declined'"),
        (DECLINED | {"property.checkout_id": "c-carl"}, "properties ->> 'error_code' = 'card_declined'"),
        (DECLINED | {"property.checkout_id": "c-eve"}, "false"),
        ({"name": "order_placed", "property.amount": "100"}, "event_name = 'order_placed'"),
        ({"name": "payment_failed", "property.error_code": LONG}, f"properties ->> 'error_code' = '{LONG}'"),
        ({"name": "payment_failed", "property.error_code": LONG[:-1] + "x"}, "false"),
        ({"name": "payment_failed", "property.error_code": "card_declined", "to": "2026-11-02"}, "false"),
    ],
)  # fmt: skip
def test_events_are_found_newest_first(installation, found, asked, where):
    assert found(limit=100, **asked) == in_mart(installation, where)


def test_a_search_within_a_session_finds_its_events_alone(installation, found):
    [(session,)] = rows(installation.engine, "select session_id from marts.sessions where user_id = 'carl'")
    assert found(session=session) == in_mart(installation, f"session_id = '{session}'")
    assert found(session=session, name="order_placed") == ["carl's 03 11:05"]
    assert found(session=session, **DECLINED) == ["carl's 03 11:03"]
    assert found(session="another", **DECLINED) == []


def test_pages_follow_each_other_without_a_gap(get, found):
    for asked in ({}, {"name": "page_viewed"}, {"name": "payment_failed", "property.error_code": "card_declined"}):
        page, seen = get(SEARCH, limit=1, **asked), []
        while True:
            seen += [event["event_id"] for event in page.json()["events"]]
            following = page.json()["next"]
            if following is None:
                break
            assert page.headers["link"] == f'<{following}>; rel="next"'
            page = get(following.removeprefix("/v1/sites/"))
        assert seen == found(limit=100, **asked)


def test_an_event_is_answered_as_the_mart_has_it_in_every_format(get):
    [event] = get(SEARCH, **DECLINED).json()["events"]
    assert (event["position"], event["user_id"], event["page_path"]) == (4, "carl", "/")
    assert event["properties"] == {"checkout_id": "c-carl", "error_code": "card_declined", "error_message": "Declined."}
    assert [json.loads(line) for line in get(SEARCH, format="ndjson", **DECLINED).text.splitlines()] == [event]
    [row] = csv.DictReader(io.StringIO(get(SEARCH, format="csv", **DECLINED).text))
    assert json.loads(row["properties"]) == event["properties"]
    first = get(SEARCH, **DECLINED)
    assert get(SEARCH, headers={"If-None-Match": first.headers["etag"]}, **DECLINED).status_code == 304


@pytest.mark.parametrize(
    ("asked", "parameter", "says"),
    [
        ({"property.error_code": "x"}, "name", "goes with the name"),
        ({"name": "payment_failed", "property.colour": "x"}, "property.colour", "footfall property add"),
        ({"name": "payment_failed", "property.": "x"}, "property.", "error_code"),
        ({"name": "order_placed", "property.error_code": "x"}, "property.error_code", "Declared: amount"),
        ({"name": "x", **{f"property.{number}": "x" for number in range(6)}}, "property.5", "5 properties"),
        ({"name": "x", "property.error_code": "\0"}, "property.error_code", "no such text"),
        ({"properties": "{}"}, "properties", "no such parameter"),
        ({"page": 2}, "page", "no such parameter"),
        ({"limit": 101}, "limit", ""),
        ({"after": "bm90aGluZw"}, "after", "next"),
        ({"after": "é"}, "after", "next"),
        ({"from": "yesterday"}, "from", "2026-11-30T09:00:00Z"),
        ({"from": "2026-11-03T09:00:00"}, "from", "2026-11-30T09:00:00Z"),
        ({"to": "2026-11-31"}, "to", ""),
        ({"to": "2026-11-03T25:00:00Z"}, "to", ""),
        ({"from": "2026-11-03", "to": "2026-11-02"}, "to", "before from"),
        ({"from": "2026-11-03T09:00:00Z", "to": "2026-11-03T09:00:00Z"}, "to", "not after from"),
        ({"from": "2026-11-03T09:00:00Z", "days": 1}, "days", "neither from nor to"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(get, asked, parameter, says):
    refused = get(SEARCH, **asked)
    assert (refused.status_code, refused.json().get("parameter")) == (422, parameter), refused.text
    assert says in refused.json()["detail"]


def test_other_routes_take_no_properties(get):
    assert get("shop/events", **{"property.error_code": "x"}).json()["parameter"] == "property.error_code"


def test_contacts_are_not_in_an_answer(get):
    answered = get(SEARCH, name="payment_failed", **{"property.error_code": LONG})
    [event] = answered.json()["events"]
    assert set(event["properties"]) == {"checkout_id", "error_code", "payer"}
    assert ADDRESS not in answered.text


def test_another_site_and_another_user_are_not_found(installation, get, found):
    assert get(SEARCH, "blog", **DECLINED).status_code == 404
    assert found("blog", "blog", days=0) == ["ann's 03 09:00"]
    refused = get("blog/events/search", "blog", **DECLINED)
    assert "Declared: none" in refused.json()["detail"]
    assert found("all", **DECLINED) == found(**DECLINED)
    own = found("ann", days=0, limit=100)
    assert own == in_mart(installation, "user_id = 'ann'")
    assert own
    assert found("ann", **DECLINED) == []


def test_the_index_answers_under_the_policies_of_a_token(installation):
    """Each search reads the newest event first, by what is given: no other plan than by index is cheap here."""
    reader = read_credential(new(installation, "direct", "shop"))
    url = installation.engine.url.set(username=reader.role, password=reader.password)
    day = {"site": "shop", "first": date(2026, 11, 2), "last": date(2026, 11, 3)}
    one = {"name": "payment_failed", "property": "error_code", "value": "card_declined"}
    month = {"first": None, "last": None, "days": 30}
    page = {"after_at": datetime(2026, 11, 3, 12, tzinfo=UTC), "after_session": "x", "after_position": 1}
    with connect(url) as connection:
        connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        for question, given, columns in (
            ("property_search", one, ("site_id", "event_name", "property", "value", "occurred_at >=")),
            ("property_search", one | page, ("site_id", "event_name", "property", "value", "occurred_at >=")),
            ("event_search", {"name": "payment_failed"}, ("site_id", "event_name", "occurred_at >=")),
            ("event_search", {"name": "payment_failed"} | month, ("site_id", "event_name", "occurred_at >=")),
            ("event_search", {}, ("site_id", "event_date >=", "event_date <=")),
        ):
            asked = plain_sql(installation, question, Parameters(**(day | given)))
            ((plan,),) = connection.execute(f"explain (format json) {asked}").fetchall()
            scans = [node for node in nodes(plan[0]["Plan"]) if node.get("Scan Direction") == "Backward"]
            assert any(all(column in scan.get("Index Cond", "") for column in columns) for scan in scans), scans
            assert '"Sort"' not in json.dumps(plan), plan


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
