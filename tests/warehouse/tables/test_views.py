"""The views: installed as their files say, described from one place, and each rule at its edge.

Events are put into raw.events as so many seconds ago by the database's own clock, in one transaction with the question:
its now() stands still.
"""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from footfall.pipeline import night
from ingestion.load.enrichment import public_suffixes
from tests.support.database import DATABASE, copy_of, let_be_partial, rows
from tests.support.events import Landing, event
from tests.support.installation import password_of
from warehouse.access.rights import rights_of
from warehouse.postgres.roles import Role
from warehouse.publication.site_options import change_options
from warehouse.tables import views
from warehouse.tables.contracts import read_marts, read_views
from warehouse.tables.marts import ensure_marts
from warehouse.tables.partitions import ensure_partition
from warehouse.tables.views import VIEWS, ViewError, ensure_views

MINUTE = 60


@pytest.fixture(scope="session")
def described(parsed_project):
    return read_views(parsed_project / "manifest.json")


@pytest.fixture(scope="session")
def with_views(server_url, template, described, parsed_project):
    """A database with all views, with the marts they read, partitions around today, a person's user agent and a bot's."""
    with copy_of(server_url.set(database=template)) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            ensure_marts(connection, read_marts(parsed_project / "manifest.json"))
            ensure(connection, described)
            connection.execute(text("insert into ops.sites (site_id) values ('shop')"))
            connection.execute(
                text(
                    "insert into raw.user_agents (user_agent_id, user_agent, browser, os, device_type, is_bot) values"
                    " (md5('person')::uuid, 'person', 'Firefox', 'Linux', 'desktop', false),"
                    " (md5('bot')::uuid, 'bot', null, null, null, true)"
                )
            )
        ((today,),) = rows(engine, "select current_date")
        # One more day than a test reaches: midnight may pass meanwhile.
        for days in range(-3, 4):
            ensure_partition(engine, today + timedelta(days=days))
        engine.dispose()
        yield url


@pytest.fixture
def installed(with_views):
    """A copy of it."""
    with copy_of(with_views, DATABASE) as url:
        engine = create_engine(url, connect_args={"options": "-c timezone=UTC"})
        yield engine
        engine.dispose()


def ensure(connection, described):
    for schema in ("live", "marts"):
        ensure_views(connection, schema, described)


@pytest.fixture
def ask(installed):
    """Put events, each `ago` seconds old, and give the rows of a query as dictionaries."""

    def ask(query, *events):
        with installed.begin() as connection:
            for number, given in enumerate(events):
                said = {"event_id": f"{number:03}", "site": "shop", "agent": "person", "properties": {}} | given
                known = {name: said.get(name) for name in FIELDS} | {
                    "properties": json.dumps(said["properties"]),
                    "file": 1,
                    "line": number,
                }
                connection.execute(text(PUT), known)
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    return ask


FIELDS = (
    *("site", "ago", "event_id", "name", "device", "user", "url", "title", "referrer", "type", "identifier"),
    *("agent", "ip", "contact_hash", "properties", "zone", "context"),
)
PUT = """
insert into raw.events (
    site_id, event_date, occurred_at, received_at, event_id, event_name, event_category, anonymous_id, user_id,
    client_timestamp, page_url, page_title, referrer, page_type, page_identifier, user_agent_id, ip, contact_hash,
    properties, collector_id, file_id, line_number, context
)
select
    :site, (at at time zone coalesce(:zone, 'UTC'))::date, at, at, :event_id, :name, 'engagement', :device, :user,
    at, :url, :title, :referrer, :type, :identifier, md5(:agent)::uuid, cast(:ip as inet), :contact_hash,
    cast(:properties as jsonb), 'test', :file, :line, coalesce(:context, 'browser')
from (select now() - make_interval(secs => cast(:ago as float)) as at) as moment
"""


def viewed(ago, device="d1", **fields):
    return {"ago": ago, "name": "page_viewed", "device": device, "url": "https://shop.example/"} | fields


def happened(name, ago, device="d1", **fields):
    properties = {key: fields.pop(key) for key in list(fields) if key not in FIELDS}
    return {"ago": ago, "name": name, "device": device, "properties": properties} | fields


# Installing --------------------------------------------------------------------------------------


def test_every_file_is_a_view_and_every_view_is_described(described):
    files = {path.name.removesuffix(".sql") for path in views._FOLDER.iterdir()}
    assert files == set(VIEWS) == set(described)


@pytest.mark.parametrize("name", VIEWS)
def test_every_column_is_described_and_every_description_is_of_a_column(installed, described, name):
    reported = dict(
        rows(
            installed,
            "select coalesce(attname, ''), description from pg_description"
            " left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0"
            " where objoid = to_regclass(:name) and classoid = 'pg_class'::regclass",
            name=name,
        )
    )
    columns = rows(
        installed, "select attname from pg_attribute where attrelid = to_regclass(:name) and attnum > 0", name=name
    )
    assert reported == described[name].descriptions
    assert set(reported) == {"", *(column for (column,) in columns)}
    assert reported[""].startswith("One row per ")
    assert all(description.endswith(".") for description in reported.values())


def test_views_over_marts_wait_for_their_tables(engine, described, parsed_project):
    with engine.begin() as connection:
        ensure(connection, described)
    assert rows(engine, "select to_regclass('marts.sessions_current_user'), to_regclass('live.areas')::text") == [
        (None, "live.areas")
    ]


def test_views_that_fit_are_not_touched(installed, described):
    before = rows(installed, "select oid, xmin from pg_class where relkind = 'v' order by 1")
    with installed.begin() as other:
        other.execute(text("select 1 from live.areas, live.payment_errors, marts.sessions_current_user limit 0"))
        with installed.begin() as connection:
            connection.execute(text("set local lock_timeout = '500ms'"))
            ensure(connection, described)
    assert rows(installed, "select oid, xmin from pg_class where relkind = 'v' order by 1") == before


def test_a_view_whose_columns_change_is_made_again_with_those_upon_it_and_its_grants(installed, described):
    with installed.begin() as connection:
        connection.execute(text("alter table marts.sessions add column later integer"))
        connection.execute(text("drop view live.active_sessions, live.addresses cascade"))
        connection.execute(text("create view live.active_sessions as select 1 as site_id"))
        connection.execute(text("create view live.addresses as select 1 as site_id"))
        connection.execute(text("create view marts.payment_error_contacts as select * from live.addresses"))
        ensure(connection, described)
    columns = rows(
        installed,
        "select attname from pg_attribute where attrelid = 'marts.sessions_current_user'::regclass and attnum > 0"
        " order by attnum desc limit 2",
    )
    assert columns == [("current_user_id",), ("later",)]
    analyst = create_engine(installed.url.set(username=Role.ANALYST, password=password_of(Role.ANALYST)))
    for name in VIEWS:
        if rights_of(name).granted[Role.ANALYST]:
            rows(analyst, f"select * from {name}")
    analyst.dispose()


def test_a_view_that_a_user_built_upon_is_not_dropped_behind_their_back(installed, described):
    with installed.begin() as connection:
        connection.execute(text("create view public.mine as select * from marts.sessions_current_user"))
        connection.execute(text("alter table marts.sessions add column later integer"))
    with installed.begin() as connection, pytest.raises(ViewError, match=r"sessions_current_user .*views of your own"):
        ensure(connection, described)


# Active sessions ---------------------------------------------------------------------------------

ACTIVE = "select * from live.active_sessions order by visitor_id"


def visitors(found):
    return [row["visitor_id"] for row in found]


def test_an_event_of_30_minutes_ago_is_active_and_an_older_one_is_not(ask):
    found = ask(ACTIVE, viewed(30 * MINUTE - 1, "a"), viewed(30 * MINUTE, "b"), viewed(30 * MINUTE + 1, "c"))
    assert visitors(found) == ["a", "b"]


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_a_day_that_is_still_yesterday_or_already_tomorrow_at_the_site_counts(ask, zone):
    assert visitors(ask(ACTIVE, viewed(29 * MINUTE, zone=zone))) == ["d1"]
    assert visitors(ask(ACTIVE, viewed(0, zone=zone, event_id="now"))) == ["d1"]


@pytest.mark.parametrize(
    "end",
    [
        happened("user_signed_out", 10),
        happened("session_ended", 10, reason="sign_out"),
        happened("session_ended", 10, reason="user_switch"),
        happened("session_ended", 10, reason="page_unload"),
        happened("session_ended", 20, reason="page_unload"),
    ],
)
def test_a_session_that_ended_is_not_active(ask, end):
    assert ask(ACTIVE, viewed(60), viewed(20), end) == []


def test_what_follows_a_sign_out_is_another_session(ask):
    (found,) = ask(ACTIVE, viewed(60, user="ann"), happened("user_signed_out", 40, user="ann"), viewed(10))
    assert (found["user_id"], found["is_anonymous"], found["event_count"]) == (None, True, 1)
    assert found["started_at"] == found["last_seen_at"]


def test_after_a_sign_out_a_ping_alone_is_no_session(ask):
    left = viewed(60, user="ann"), happened("user_signed_out", 40, user="ann"), happened("page_engaged", 20)
    assert ask(ACTIVE, *left) == []
    (found,) = ask(ACTIVE, *({**event, "device": "d2"} for event in left), viewed(10, "d2"))
    assert (found["visitor_id"], found["event_count"]) == ("d2", 2)


def test_who_reads_on_is_active_though_only_pings_are_recent(ask):
    assert visitors(ask(ACTIVE, viewed(40 * MINUTE), happened("page_engaged", 29 * MINUTE))) == ["d1"]


def test_a_ping_says_whose_the_session_is_only_if_nothing_else_does(ask):
    pings = happened("page_engaged", 20, "a", user="bob"), happened("page_engaged", 20, "b", user="bob")
    found = ask(ACTIVE, viewed(30, "a", user="ann"), viewed(30, "b"), *pings)
    assert [row["user_id"] for row in found] == ["ann", "bob"]


def test_what_follows_a_page_that_went_away_is_the_same_session(ask):
    (found,) = ask(ACTIVE, viewed(60), happened("session_ended", 40, reason="page_unload"), viewed(10))
    assert (found["event_count"], found["page_view_count"], found["duration_seconds"]) == (3, 2, 50)


def test_a_bot_is_left_out(ask):
    assert visitors(ask(ACTIVE, viewed(10, "d1"), viewed(10, "d2", agent="bot"))) == ["d1"]


def test_an_app_is_no_bot_whatever_its_user_agent(ask):
    app = {"agent": "bot", "context": "app"}
    assert visitors(ask(ACTIVE, viewed(10, "d1", **app))) == ["d1"]
    assert len(ask(ERRORS, failed(60, **app))) == 1
    assert len(ask(COMMUNITIES, visited(30, "c", **app))) == 1


def test_two_devices_of_a_user_are_two_visitors_and_a_user_without_a_device_is_one(ask):
    found = ask(ACTIVE, viewed(10, "a", user="ann"), viewed(10, "b", user="ann"), viewed(10, None, user="ann"))
    assert [(row["visitor_id"], row["user_id"]) for row in found] == [("a", "ann"), ("b", "ann"), ("user:ann", "ann")]


def test_the_user_is_the_one_last_seen(ask):
    (found,) = ask(ACTIVE, viewed(30, user="zoe"), viewed(20, user="ann"), viewed(10))
    assert (found["user_id"], found["is_anonymous"]) == ("ann", False)


def test_a_session_shows_where_it_landed_where_it_is_and_on_what(ask):
    (found,) = ask(
        ACTIVE,
        viewed(
            90, url="https://www.shop.example/in?utm_source=x#top", referrer="https://www.Google.com:443/search?q=1"
        ),
        viewed(
            60, url="/c/lamps?x=1", referrer="https://shop.example/in", type="category", identifier="lamps", title="L"
        ),
        happened("page_engaged", 30, url="https://shop.example/other", ip="203.0.113.7"),
    )
    wanted = {
        "landing_page": "/in",
        "referrer_host": "google.com",
        "page_path": "/c/lamps",
        "page_type": "category",
        "page_identifier": "lamps",
        "page_title": "L",
        "browser": "Firefox",
        "os": "Linux",
        "device_type": "desktop",
        "duration_seconds": 60,
        "event_count": 3,
        "page_view_count": 2,
    }
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("ip", "masked"),
    [("203.0.113.7", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::"), (None, None)],
)
def test_the_address_is_masked(ask, ip, masked):
    (found,) = ask(ACTIVE, viewed(10, ip=ip))
    assert found["ip_masked"] == masked


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://shop.example/before", None),
        ("https://blog.shop.example:8443/before", None),
        ("https://notshop.example/", "notshop.example"),
        ("http://[2001:DB8::7]:8080/x", "[2001:db8::7]"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("/go/https://www.google.com/", None),
    ],
)
def test_the_sites_own_pages_refer_no_one(ask, referrer, host):
    (found,) = ask(ACTIVE, viewed(10, url="https://www.shop.example/", referrer=referrer))
    assert found["referrer_host"] == host


def test_registered_domains_are_those_of_the_models(installation):
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        public_suffixes.store(connection)
    domains = {
        "a.b.shop.co.uk": "shop.co.uk",
        "co.uk": "co.uk",
        "ann.github.io": "ann.github.io",
        "a.b.any.ck": "b.any.ck",
        "a.www.ck": "www.ck",
        "203.0.113.9": "203.0.113.9",
        "[2001:db8::5]": "[2001:db8::5]",
        "localhost": "localhost",
        "a.b.unknown": "b.unknown",
    }
    for host, domain in domains.items():
        assert rows(installation.engine, f"select raw.registered_domain('{host}')") == [(domain,)], host


def test_landing_pages_are_those_of_the_night(installation, described):
    """One day of addresses, live and published: the same paths, with the keys that make a path on the site."""
    with installation.engine.begin() as connection:
        change_options(connection, "shop", {"path_query_keys": ["b", "a"]})
    addresses = [
        "https://shop.example",
        "https://shop.example?a=1",
        "/a/b?c#d",
        "https://shop.example/p?a=1&c=3&b=2&d=/?a#a=4",
        "HTTPS://x.example:80/P/?q",
        "about",
        "#x",
    ]
    ((now,),) = rows(installation.engine, "select now()")
    Landing(installation.settings.landing).land(
        *(event(now - timedelta(minutes=5), device=f"d{n}", page_url=address) for n, address in enumerate(addresses))
    )
    night.nightly(installation, say=lambda line: None)
    live = rows(installation.engine, "select visitor_id, landing_page from live.active_sessions order by 1")
    assert live == rows(installation.engine, "select visitor_id, landing_page from marts.sessions order by 1")
    assert ("d3", "/p?b=2&a=1") in live
    assert len(live) == len(addresses)


# Pages and areas ---------------------------------------------------------------------------------


def test_visitors_are_counted_on_their_current_page(ask):
    found = ask(
        "select * from live.visitors_by_page order by page_type, page_identifier",
        viewed(90, "a", type="homepage"),
        viewed(60, "a", type="offer", identifier="1"),
        viewed(50, "b", type="offer", identifier="1", user="ann"),
        viewed(40, "c", type="offer", identifier="2"),
        viewed(30, "d"),
    )
    assert [
        (row["page_type"], row["page_identifier"], row["visitor_count"], row["signed_in_count"], row["anonymous_count"])
        for row in found
    ] == [("offer", "1", 2, 1, 1), ("offer", "2", 1, 0, 1)]


def test_each_visitor_is_in_one_area_and_every_area_is_shown(ask):
    found = ask(
        "select area, visitor_count, last_update_at = now() - interval '20 seconds' as fresh"
        " from live.areas order by area_number",
        viewed(60, "a", type="checkout"),
        viewed(20, "b", type="checkout"),
        happened("payment_failed", 30, "c"),
        viewed(20, "c", type="payment"),
        happened("payment_failed", 30, "d"),
        happened("payment_succeeded", 25, "d"),
        viewed(20, "d", type="payment"),
        viewed(20, "e", type="imprint"),
    )
    assert [(row["area"], row["visitor_count"], row["fresh"]) for row in found] == [
        ("homepage", 0, None),
        ("category", 0, None),
        ("offer", 0, None),
        ("checkout", 2, True),
        ("payment", 1, True),
        ("payment_error", 1, True),
    ]


@pytest.mark.parametrize(
    ("after", "area"),
    [
        ([], "payment_error"),
        ([viewed(20, type="payment")], "payment_error"),
        ([happened("page_engaged", 20)], "payment_error"),
        ([viewed(20, type="homepage")], "homepage"),
        ([viewed(20, type="imprint")], None),
        ([happened("payment_started", 20)], "offer"),
        ([viewed(20, type="homepage"), happened("payment_failed", 10)], "payment_error"),
    ],
)
def test_who_failed_a_payment_and_went_elsewhere_is_there(ask, after, area):
    """A payment may fail on any page. Who pays again, or sees the page of the payment again, has not gone away."""
    found = ask(
        "select area from live.areas where visitor_count > 0",
        viewed(60, type="offer"),
        happened("payment_failed", 30),
        *after,
    )
    assert [row["area"] for row in found] == ([area] if area else [])


# Communities -------------------------------------------------------------------------------------

COMMUNITIES = "select * from live.community_visitors order by community_id"


def visited(ago, device="d1", community="c1", **fields):
    return happened("community_visited", ago, device, community_id=community, community_slug="lamps", **fields)


def test_a_visit_counts_for_5_minutes(ask):
    (found,) = ask(COMMUNITIES, visited(299, "a"), visited(300, "b"), visited(301, "c"))
    assert (found["community_id"], found["community_slug"], found["visitor_count"]) == ("c1", "lamps", 2)


def test_a_visitor_signed_in_at_any_visit_is_signed_in(ask):
    (found,) = ask(COMMUNITIES, visited(60, "a"), visited(50, "a", user="ann"), visited(40, "b"), visited(30, "c"))
    assert (found["visitor_count"], found["signed_in_count"], found["anonymous_count"]) == (3, 1, 2)
    assert (str(found["signed_in_percent"]), str(found["anonymous_percent"])) == ("33.33", "66.67")


def test_divisions_differ_where_both_are_known(ask):
    (found,) = ask(
        COMMUNITIES,
        visited(60, "a", visitor_division_id="x", community_division_id="y"),
        visited(60, "b", visitor_division_id="x", community_division_id="x"),
        visited(60, "c", visitor_division_id="x"),
    )
    assert (found["visitor_count"], found["cross_division_count"]) == (3, 1)


def test_pages_of_a_communitys_visitors_are_counted_and_bots_are_not(ask):
    (found,) = ask(
        COMMUNITIES,
        visited(60, "a"),
        viewed(50, "a"),
        viewed(40, "a"),
        viewed(301, "a"),
        viewed(40, "b"),
        visited(30, "c", agent="bot"),
    )
    assert (found["visitor_count"], found["page_view_count"]) == (1, 2)


# Payment errors ----------------------------------------------------------------------------------

ERRORS = "select * from live.payment_errors order by event_id"


def failed(ago, device="d1", **fields):
    return happened("payment_failed", ago, device, **fields)


def test_a_failure_shows_for_24_hours(ask):
    day = 24 * 60 * MINUTE
    found = ask(ERRORS, failed(day - 1), failed(day + 1), failed(day - 1, zone="Etc/GMT+12", device="d2"))
    assert [row["event_id"] for row in found] == ["000", "002"]


def test_a_failure_followed_by_a_failure_is_retried_and_by_a_success_recovered(ask):
    first, second = ask(
        ERRORS,
        failed(90, checkout_id="c1"),
        failed(60, checkout_id="c1"),
        happened("payment_succeeded", 30, checkout_id="c1"),
        happened("payment_succeeded", 20, checkout_id="c2"),
    )
    assert (first["is_retried"], first["is_recovered"], second["is_retried"], second["is_recovered"]) == (True,) * 4
    assert first["retried_at"] == second["occurred_at"]
    assert first["recovered_at"] == second["recovered_at"] == second["retried_at"]


def test_a_payment_that_is_started_again_is_a_retry_and_no_recovery(ask):
    (found,) = ask(
        ERRORS,
        happened("payment_started", 90, checkout_id="c1"),
        failed(60, checkout_id="c1"),
        happened("payment_started", 30, checkout_id="c1"),
    )
    assert (found["is_retried"], found["is_recovered"], found["recovered_at"]) == (True, False, None)


def test_of_one_instant_what_comes_later_in_order_is_a_retry(ask):
    started = happened("payment_started", 60, checkout_id="c1")
    (found,) = ask(ERRORS, started, failed(60, checkout_id="c1"), started)
    assert (found["event_id"], found["is_retried"]) == ("001", True)


def test_a_failure_that_nothing_followed_is_open(ask):
    (found,) = ask(ERRORS, happened("payment_succeeded", 90, checkout_id="c1"), failed(60, checkout_id="c1"))
    assert (found["is_retried"], found["retried_at"], found["is_recovered"], found["recovered_at"]) == (
        *(False, None),
        *(False, None),
    )


def test_an_order_that_names_no_checkout_recovers_what_its_visitor_failed_at(ask):
    found = ask(ERRORS, failed(60, checkout_id="c1"), failed(60, "d2"), happened("order_placed", 30, order_id="1"))
    assert [row["is_recovered"] for row in found] == [True, False]


def test_another_checkouts_success_recovers_nothing_and_another_devices_does(ask):
    found = ask(
        ERRORS,
        failed(60, checkout_id="c1"),
        failed(60, checkout_id="c2"),
        happened("payment_succeeded", 30, None, user="ann", checkout_id="c2"),
    )
    assert [row["is_recovered"] for row in found] == [False, True]


@pytest.mark.parametrize(
    ("given", "amount", "currency"),
    [
        ({"amount": 19.99, "currency": "eur"}, "19.9900", "EUR"),
        ({"total_amount": "5", "amount": 4, "currency": "EUR"}, "5.0000", "EUR"),
        ({"amount": 999_999_999_999, "currency": "EUR"}, "999999999999.0000", "EUR"),
        ({"amount": 1_000_000_000_000, "currency": "EUR"}, None, None),
        ({"amount": 19.99}, None, None),
        ({"amount": 19.99, "currency": "EURO"}, None, None),
        ({"amount": -1, "currency": "EUR"}, None, None),
        ({"amount": {"value": 1}, "currency": "EUR"}, None, None),
    ],
)
def test_an_amount_needs_its_currency(ask, given, amount, currency):
    (found,) = ask(ERRORS, failed(60, **given))
    assert (found["amount"] and str(found["amount"]), found["currency"]) == (amount, currency)


def test_a_failure_shows_why_and_no_contact_but_its_hash(ask):
    (found,) = ask(
        ERRORS,
        failed(60, error_code="x" * 65, error_message="y" * 501, email="a@b.c", phone="12345", contact_hash="abc"),
        failed(60, "d2", agent="bot"),
    )
    assert (found["error_code"], found["error_message"], found["contact_hash"]) == ("x" * 64, "y" * 500, "abc")
    assert not re.search(r"a@b\.c|12345", str(found))


# Over marts --------------------------------------------------------------------------------------


def test_sessions_show_the_user_their_device_belongs_to_now(ask, installed):
    with installed.begin() as connection:
        for mart in ("sessions", "visitors"):
            let_be_partial(connection, f"marts.{mart}")
        connection.execute(
            text(
                "insert into marts.sessions (site_id, session_id, visitor_id, user_id) values"
                " ('shop', '1', 'd1', null), ('shop', '2', 'd1', 'ann'), ('shop', '3', 'gone', null)"
            )
        )
        connection.execute(
            text("insert into marts.visitors (site_id, visitor_id, current_user_id) values ('shop', 'd1', 'ann')")
        )
    found = ask("select session_id, user_id, current_user_id from marts.sessions_current_user order by 1")
    assert [tuple(row.values()) for row in found] == [("1", None, "ann"), ("2", "ann", "ann"), ("3", None, None)]


def test_days_add_up_to_the_weeks_in_which_people_come_again(ask, installed):
    """The first week, a week without anyone, and one that is not over; a first week without anyone has no rows."""
    with installed.begin() as connection:
        let_be_partial(connection, "marts.daily_stats")
        connection.execute(
            text(
                "insert into marts.daily_retention values"
                " ('shop', '2026-11-02', '2026-11-02', 0, 8, 2), ('shop', '2026-11-05', '2026-11-02', 0, 4, 0),"
                " ('shop', '2026-11-16', '2026-11-02', 2, 2, 1), ('shop', '2026-11-17', '2026-11-02', 2, 1, 0),"
                " ('shop', '2026-11-10', '2026-11-09', 0, 0, 0), ('shop', '2026-11-16', '2026-11-16', 0, 5, 0),"
                " ('shop', '2026-11-16', '2026-10-26', 3, 9, 9)"
            )
        )
        connection.execute(
            text(
                "insert into marts.daily_stats (site_id, event_date) values ('shop', '2026-11-02'), ('shop', '2026-11-17')"
            )
        )
    found = ask(
        "select first_week::text, week_number, week::text, is_over, visitor_count, visitor_retention_rate::text,"
        " customer_count, customer_retention_rate::text from marts.weekly_retention order by 1, 2"
    )
    assert [tuple(row.values()) for row in found] == [
        ("2026-11-02", 0, "2026-11-02", True, 12, "1.0000", 2, "1.0000"),
        ("2026-11-02", 1, "2026-11-09", True, 0, "0.0000", 0, "0.0000"),
        ("2026-11-02", 2, "2026-11-16", False, 3, "0.2500", 1, "0.5000"),
        ("2026-11-16", 0, "2026-11-16", False, 5, "1.0000", 0, None),
    ]
