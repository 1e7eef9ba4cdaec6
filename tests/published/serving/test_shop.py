"""The paths of a shop, a marketplace and a community: their figures, the shape they promise, and who is not there."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from urllib.parse import quote

import pytest
from sqlalchemy import text

from footfall.answers.questions import answer, parameters, plain_sql
from footfall.pipeline import night
from serving.api.shop.communities import OneCommunity
from serving.api.shop.conversions import Conversions
from serving.api.shop.customers import Customers, OneCustomer
from serving.api.shop.live import Live
from serving.api.shop.pages import DailyPages, Journeys, Pages
from serving.api.shop.payments import Checkouts, DailyFunnel, Funnel, PaymentErrors
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.marts.history import happening
from tests.support.serving.tokens import new

PATHS = {
    "customers": (Customers, {"customers": "customers"}),
    "customers?interval=monthly&sort_by=last_login&sort_order=asc": (Customers, {}),
    "customers/ann": (OneCustomer, {}),
    "live": (Live, {}),
    "payment-errors": (PaymentErrors, {"payment_errors": "payment_errors", "recovery": "payment_recovery"}),
    "checkouts": (Checkouts, {"checkouts": "checkouts", "abandoned": "abandoned_checkouts"}),
    "funnel": (Funnel, {"steps": "funnel"}),
    "funnel/daily": (DailyFunnel, {"steps": "daily_funnel"}),
    "pages": (Pages, {"pages": "popular_pages"}),
    "pages/daily": (DailyPages, {"pages": "daily_pages"}),
    "journeys": (Journeys, {"journeys": "journeys"}),
    "conversions": (
        Conversions,
        {
            "conversions": "conversions",
            "sources": "converting_sources",
            "landing_pages": "converting_landing_pages",
            "sessions": "signed_in_and_anonymous",
        },
    ),
    "communities/m-1/visitors": (OneCommunity, {"days": "daily_communities"}),
}
"""Path → the model of its answer, and the lists that are the answers to questions."""
SINCE = "date_trunc('minute', now()) - interval '{}'"
INTERVALS = {"daily": "24 hours", "weekly": "7 days", "monthly": "30 days"}

LEFT = """
insert into ops.contact_vault (
    site_id, event_id, event_date, occurred_at, event_name, user_id, anonymous_id, email, phone, file_id, line_number
)
select
    site_id, event_id, event_date, occurred_at, event_name, user_id, anonymous_id, 'carl@pay.example', '+49', file_id,
    line_number
from raw.events where event_name = 'payment_failed' and user_id = 'carl'
union all
select
    site_id, event_id, event_date, occurred_at, 'user_identified', user_id, anonymous_id, 'ann@a.example', null,
    file_id, line_number
from raw.events where event_name = 'user_signed_up'
"""


def add_session(connection, user, ago):
    connection.execute(text(f"""
        insert into marts.sessions
        select (jsonb_populate_record(s, jsonb_build_object(
            'session_id', gen_random_uuid(), 'started_at', {SINCE.format(ago)},
            'event_date', cast({SINCE.format(ago)} as date)
        ))).* from marts.sessions as s where site_id = 'shop' and user_id = :user limit 1
    """), {"user": user})  # fmt: skip


def add_order(connection, user, kind, ago):
    connection.execute(text(f"""
        insert into marts.orders
        select (jsonb_populate_record(o, jsonb_build_object(
            'order_id', gen_random_uuid(), 'order_type', cast(:kind as text), 'user_id', cast(:user as text),
            'ordered_at', {SINCE.format(ago)}, 'event_date', cast({SINCE.format(ago)} as date)
        ))).* from marts.orders as o where site_id = 'shop' limit 1
    """), {"user": user, "kind": kind})  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def lately(installation):
    """What goes on now, and what ann, carl and dora did in the last weeks, as if nights had published it.

    Returns a token that reads contacts, of which there are some.
    """
    Landing(installation.settings.landing).land(*happening())
    night.load(installation)
    with installation.engine.begin() as connection:
        add_session(connection, "ann", "1 hour")
        add_order(connection, "carl", "booking", "3 days")
        add_session(connection, "dora", "20 days")
        connection.exec_driver_sql(LEFT)
        connection.exec_driver_sql("update raw.events set ip = '203.0.113.7'")
    return new(installation, "contacts", "shop", reads_contacts=True)


# Every path ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_has_exactly_the_fields_that_its_path_promises(get, path):
    model, _ = PATHS[path]
    found = get(f"shop/{path}")
    assert found.status_code == 200, found.text
    assert model.model_validate_json(found.text).model_dump(mode="json") == found.json()
    assert get(f"shop/{path}", "all").status_code == 200


@pytest.mark.parametrize("path", [path for path, (_, lists) in PATHS.items() if lists])
def test_its_lists_are_the_answers_to_ready_questions(installation, get, path):
    community = {"community": "m-1"} if "m-1" in path else {}
    given = {} if path in ("customers", "live") else {"days": 0}
    body = get(f"shop/{path}", **given).json()
    for field, question in PATHS[path][1].items():
        columns, expected = answer(installation, question, parameters({"site": "shop", "days": 0} | community))
        assert len(body[field]) == len(expected) > 0, field
        for row, wanted in zip(body[field], expected, strict=True):
            for column, value in zip(columns, wanted, strict=True):
                assert column not in row or _alike(row[column], value), column


def _alike(sent, value):
    if isinstance(value, datetime):
        return datetime.fromisoformat(sent) == value
    if isinstance(value, Decimal):
        return sent == pytest.approx(float(value))
    return sent == (value.isoformat() if isinstance(value, date) else value)


def test_a_long_answer_has_pages(get):
    first = get("shop/customers", limit=1, sort_by="registered", sort_order="asc").json()
    found, following = first["customers"], first["next"]
    while following:
        page = get(following.removeprefix("/v1/sites/")).json()
        found, following = found + page["customers"], page["next"]
    assert first["total"] == len(found) == len({row["user_id"] for row in found}) == 4
    assert found[0]["user_id"] == "ann"


# Customers -----------------------------------------------------------------------------------------


def counted_plainly(connection, interval):
    """User → sessions, orders and bookings since the interval began, in plain SQL."""
    since = SINCE.format(INTERVALS[interval])
    found = connection.execute(text(f"""
        select user_id, sum(s), sum(o), sum(b) from (
            select user_id, 1 as s, 0 as o, 0 as b from marts.sessions
            where site_id = 'shop' and not is_bot and user_id is not null and started_at >= {since}
            union all
            select user_id, 0, cast(order_type = 'order' as int), cast(order_type = 'booking' as int) from marts.orders
            where site_id = 'shop' and not is_bot and user_id is not null and ordered_at >= {since}
        ) as happened group by user_id
    """))  # fmt: skip
    return {user: tuple(counts) for user, *counts in found}


def counted(customers):
    return {row["user_id"]: (row["session_count"], row["order_count"], row["booking_count"]) for row in customers}


@pytest.mark.parametrize(("interval", "users"), [
    ("daily", {"ann"}), ("weekly", {"ann", "carl"}), ("monthly", {"ann", "carl", "dora"}),
])  # fmt: skip
def test_an_interval_lists_who_was_active_in_it(installation, get, interval, users):
    body = get("shop/customers", interval=interval).json()
    with installation.engine.connect() as connection:
        assert counted(body["customers"]) == counted_plainly(connection, interval)
    assert counted(body["customers"]).keys() >= users
    assert (body["interval"], body["total"]) == (interval, len(body["customers"]))
    (ann,) = [row for row in body["customers"] if row["user_id"] == "ann"]
    assert (ann["last_login_at"], ann["primary_browser"]) == ("2026-11-03T10:02:00Z", "Firefox")
    assert counted(get("shop/customers").json()["customers"]).keys() == {"ann", "carl", "dora", "gus"}


@pytest.mark.parametrize("interval", INTERVALS)
def test_an_interval_begins_with_its_minute(installation, interval):
    """What happened exactly then counts, and what happened 1 ms before does not; as in SQL on sessions and orders."""
    exactly, too_early = INTERVALS[interval], INTERVALS[interval] + " 1 millisecond"
    asked = parameters({"site": "shop", "days": 0, "interval": interval})
    question = text(plain_sql(installation, "customers", asked).replace(":", r"\:"))
    with installation.engine.connect() as connection:
        for table in ("sessions", "orders"):
            connection.execute(text(f"delete from marts.{table} where event_date > '2026-11-03'"))
        before = counted_plainly(connection, interval)
        add_session(connection, "ann", exactly)
        add_order(connection, "carl", "order", exactly)
        add_order(connection, "gus", "booking", exactly)
        for user in ("ann", "carl", "dora", "gus"):
            add_session(connection, user, too_early)
            add_order(connection, user, "order", too_early)
            add_order(connection, user, "booking", too_early)
        found = counted(connection.execute(question).mappings().all())
        assert found == counted_plainly(connection, interval)
        more = {user: tuple(now - then for now, then in zip(counts, before.get(user, (0, 0, 0)), strict=True))
                for user, counts in found.items()}  # fmt: skip
        assert {user: counts for user, counts in more.items() if any(counts)} == {
            "ann": (1, 0, 0), "carl": (0, 1, 0), "gus": (0, 0, 1),
        }  # fmt: skip
        connection.rollback()


def test_the_answer_of_an_interval_is_good_for_its_minute(get):
    def tag(**given):
        return get("shop/customers", **given).headers["etag"]

    assert tag() == tag(interval="all")
    before = datetime.now(UTC).minute
    tags = {tag(interval="daily"), tag(interval="daily")}
    assert len(tags) == 1 or datetime.now(UTC).minute != before
    assert tags.isdisjoint({tag(interval="weekly"), tag()})


def test_a_customer_comes_with_sessions_that_are_over_or_go_on(installation, get):
    body = get("shop/customers/ann").json()
    assert body["customer"]["user_id"] == "ann"
    over = body["sessions"][-1]
    assert (over["started_at"], over["ended_at"]) == ("2026-11-03T10:00:00Z", "2026-11-03T10:10:00Z")
    assert (over["is_active"], over["duration_seconds"], over["browser"]) == (False, 600, "Firefox")
    assert not any("ip" in field and field != "ip_masked" for field in over)
    # ann comes back within seconds: a session that no night knows, then one that a night took for ended.
    now = datetime.now(UTC)
    night_knew = now - timedelta(minutes=20)
    Landing(installation.settings.landing).land(
        *({"event_id": str(at), "event_name": "page_viewed", "anonymous_id": "ann's new", "user_id": "ann",
           "client_timestamp": at.isoformat(), "page_url": "https://shop.example/"} for at in (night_knew, now))
    )  # fmt: skip
    night.load(installation)
    newest = get("shop/customers/ann").json()["sessions"][0]
    assert (newest["session_id"], newest["is_active"], newest["ended_at"]) == (None, True, None)
    assert newest["duration_seconds"] == 1200
    with installation.engine.begin() as connection:
        connection.execute(text("""
            insert into marts.sessions
            select (jsonb_populate_record(s, jsonb_build_object(
                'session_id', 'known', 'visitor_id', 'ann''s new', 'duration_seconds', 0, 'end_cause', 'timeout',
                'started_at', cast(:at as timestamptz), 'ended_at', cast(:at as timestamptz),
                'event_date', cast(cast(:at as timestamptz) as date)
            ))).* from marts.sessions as s where site_id = 'shop' and user_id = 'ann' limit 1
        """), {"at": night_knew})  # fmt: skip
    body = get("shop/customers/ann").json()
    newest = body["sessions"][0]
    assert (newest["session_id"], newest["is_active"], newest["ended_at"]) == ("known", True, None)
    assert newest["duration_seconds"] == 1200
    assert body["total"] == len(body["sessions"]) == 3
    with installation.engine.begin() as connection:
        connection.execute(text("update marts.sessions set end_cause = 'signed_out' where session_id = 'known'"))
    listed = get("shop/customers/ann").json()["sessions"]
    assert [each["session_id"] for each in listed if each["is_active"]] == [None]
    assert len(listed) == 4


def test_who_is_unknown_and_who_may_not_be_seen_are_the_same(get):
    unknown = get("shop/customers/unknown")
    assert unknown.status_code == 404
    for user, token in (("carl", "ann"), ("unknown", "ann"), ("ann/../carl", "ann"), ("CARL", "shop"), ("ina", "shop")):
        refused = get(f"shop/customers/{user}", token)
        assert (refused.status_code, refused.content) == (404, unknown.content)
    assert get("shop/customers/ann", "ann").json()["customer"]["user_id"] == "ann"
    assert [row["user_id"] for row in get("shop/customers", "ann").json()["customers"]] == ["ann"]
    assert get("shop/customers/a%00").status_code == 422


@pytest.mark.parametrize("path", ["customers/", "communities//visitors"])
def test_an_empty_id_is_refused_and_does_not_mean_all(get, path):
    assert get(f"shop/{path}").status_code == 422


@pytest.mark.parametrize("community", ["日", "a/b", "a b", "a?b"])
def test_the_next_page_of_any_id_is_where_it_says(installation, get, community):
    with installation.engine.begin() as connection:
        for day in ("2026-11-01", "2026-11-02"):
            connection.execute(text("""
                insert into marts.community_visits_daily
                select (jsonb_populate_record(c, jsonb_build_object(
                    'community_id', cast(:community as text), 'event_date', cast(:day as text)
                ))).* from marts.community_visits_daily as c where site_id = 'shop' limit 1
            """), {"community": community, "day": day})  # fmt: skip
    found = get(f"shop/communities/{quote(community, safe='')}/visitors", limit=1, days=0)
    days = found.json()["days"]
    days += get(found.json()["next"].removeprefix("/v1/sites/")).json()["days"]
    assert [each["event_date"] for each in days] == ["2026-11-02", "2026-11-01"]
    assert found.headers["link"] == f'<{found.json()["next"]}>; rel="next"'


# Contacts ------------------------------------------------------------------------------------------

WITH_CONTACTS = ("shop/payment-errors", {"days": 0}), ("shop/customers/ann", {})


@pytest.fixture(scope="module")
def contacts(lately):
    return lately


def test_contacts_come_with_a_token_that_reads_them_where_they_are_asked_for(get, contacts):
    payments, customer = (get(path, contacts, contacts="true", **given) for path, given in WITH_CONTACTS)
    assert PaymentErrors.model_validate_json(payments.text).model_dump(mode="json") == payments.json()
    assert OneCustomer.model_validate_json(customer.text).model_dump(mode="json") == customer.json()
    assert [(row["email"], row["phone"], row["ip"]) for row in payments.json()["contacts"]] == [
        ("carl@pay.example", "+49", "203.0.113.7"),
        (None, None, "203.0.113.7"),
    ]
    assert customer.json()["contact"]["email"] == "ann@a.example"
    assert {row["ip"] for row in customer.json()["addresses"]} == {"203.0.113.7"}
    assert "etag" not in payments.headers
    for path, given in WITH_CONTACTS:
        assert "@" not in get(path, contacts, **given).text
        assert "203.0.113.7" not in get(path, contacts, **given).text


def test_no_other_token_gets_contacts(get, contacts):
    for (path, given), token in product(WITH_CONTACTS, ("shop", "all", "ann")):
        refused = get(path, token, contacts="true", **given)
        assert refused.status_code == 403
        assert "@" not in refused.text
    assert get("blog/payment-errors", contacts, contacts="true").status_code == 404
    assert get("shop/questions/payment_contacts", contacts).status_code == 404


def test_each_answer_with_contacts_is_recorded(installation, get, contacts):
    def recorded():
        asked = "select asked, site_id, user_id, row_count from ops.contact_reads order by read_at"
        return rows(installation.engine, asked)

    before = recorded()
    assert get("shop/customers/unknown", contacts, contacts="true").status_code == 404
    get("shop/customers/ann", contacts)
    assert recorded() == before
    for path, given in WITH_CONTACTS:
        get(path, contacts, contacts="true", **given)
    asked = [(path, site, user) for path, site, user, _ in recorded()[len(before) :]]
    assert asked == [("/payment-errors", "shop", None), ("/customers/{user}", "shop", "ann")]


def test_only_json_holds_contacts_and_another_format_reads_none(installation, get, contacts):
    before = rows(installation.engine, "select count(*) from ops.contact_reads")
    for (path, given), form in product(WITH_CONTACTS, ("csv", "ndjson")):
        refused = get(path, contacts, contacts="true", format=form, **given)
        assert (refused.status_code, refused.json()["parameter"]) == (422, "contacts")
    assert rows(installation.engine, "select count(*) from ops.contact_reads") == before


# Live, and the rest --------------------------------------------------------------------------------


def test_what_goes_on_now_is_of_one_moment_and_not_kept(installation, get):
    found = get("shop/live")
    assert "etag" not in found.headers
    body = found.json()
    assert body["is_final"] is False
    assert abs(datetime.now(UTC) - datetime.fromisoformat(body["as_of"])) < timedelta(seconds=30)
    areas = {area["area"]: (area["visitor_count"], area["last_update_at"] is not None) for area in body["areas"]}
    assert areas == {
        "homepage": (1, True), "category": (0, False), "offer": (0, False), "checkout": (1, True),
        "payment": (0, False), "payment_error": (1, True),
    }  # fmt: skip
    assert {page["page_type"] for page in body["pages"]} == {"homepage", "checkout"}
    assert [(each["visitor_id"], each["has_payment_error"]) for each in body["checkouts"]] == [("kim's", True)]
    assert [each["checkout_id"] for each in body["payment_errors"]] == ["c-kim"]
    (music,) = body["communities"]
    assert (music["community_id"], music["visitor_count"], music["signed_in_percent"]) == ("m-1", 1, 100)
    assert get("blog/live", "blog").json()["communities"] == []


def test_a_payment_error_comes_with_what_was_bought_and_became_of_it(get):
    body = get("shop/payment-errors", days=0).json()
    carls, eves = body["payment_errors"]
    assert (carls["items"], carls["amount"], carls["currency"]) == ([{"id": 1}, {"id": 2}], 100, "EUR")
    assert (carls["is_retried"], carls["is_recovered"], eves["is_recovered"]) == (True, True, False)
    assert {row["error_code"]: row["recovered_percent"] for row in body["recovery"]} == {
        "card_declined": 100,
        "insufficient_funds": 0,
    }


def test_days_and_their_order_are_as_asked(installation, get):
    day = get("shop/pages/daily", **{"from": "2026-11-02", "to": "2026-11-02"}).json()
    assert {row["event_date"] for row in day["pages"]} == {"2026-11-02"}
    assert day["total"] == len(day["pages"]) == rows(
        installation.engine,
        "select count(*) from marts.daily_page_stats where site_id = 'shop' and event_date = '2026-11-02'",
    )[0][0]  # fmt: skip
    by_all, by_anonymous = (get("shop/pages", days=0, sort_by=by).json()["pages"] for by in ("page_views", "anonymous"))
    counts = [row["anonymous_page_view_count"] for row in by_anonymous]
    assert counts == sorted(counts, reverse=True)
    assert {row["page_path"] for row in by_all} == {row["page_path"] for row in by_anonymous}


def test_a_community_without_visitors_has_none(get):
    body = get("shop/communities/no/such/visitors", days=0).json()
    assert (body["community_id"], body["days"], body["total"]) == ("no/such", [], 0)
    assert (body["visitors"]["visitor_count"], body["visitors"]["signed_in_percent"]) == (0, None)
    assert get("shop/communities/m-1/visitors", days=0).json()["visitors"]["visitor_count"] == 1


@pytest.mark.parametrize(("path", "name", "value"), [
    ("customers", "interval", "hourly"), ("customers", "sort_by", "user_id"), ("customers", "sort_order", "up"),
    ("customers", "limit", "101"), ("customers", "days", "7"), ("customers/ann", "page", "0"),
    ("live", "limit", "0"), ("pages", "sort_by", "exits"), ("funnel", "page", "2"),
])  # fmt: skip
def test_a_bad_parameter_is_named(get, path, name, value):
    refused = get(f"shop/{path}", **{name: value})
    assert (refused.status_code, refused.json()["parameter"]) == (422, name)
