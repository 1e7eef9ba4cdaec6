"""Contacts: beside whom they stand, who reads them, and the trail of what tokens were given."""

import asyncio
from contextlib import closing
from http import HTTPStatus
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from serving.api.problem import of_error
from serving.tokens.contact_reads import ContactReads, Unrecorded
from tests.support.database import rows
from tests.support.serving.escapes import ESCAPES
from warehouse.access.credential import new_credential
from warehouse.access.site_analysts import renew_site_analyst, revoke_site_analyst
from warehouse.access.tokens import add_token, list_tokens, revoke_token
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import Role, make_reader, set_password

VIEWS = (
    "live.profile_contacts",
    "live.payment_contacts",
    "live.addresses",
    "marts.session_contacts",
    "marts.customer_contacts",
    "marts.payment_error_contacts",
)
LEFT = """
insert into ops.contact_vault (
    site_id, event_id, event_date, occurred_at, event_name, user_id, anonymous_id, email, phone, name, traits, file_id,
    line_number
) values
    ('shop', 'p1', '2026-11-03', '2026-11-03 10:04Z', 'user_identified', 'ann', 'ann''s', 'old@ann.example', '+1', null,
     '{"plan": "free"}', 99, 1),
    ('shop', 'p2', '2026-11-03', '2026-11-03 10:05Z', 'user_identified', 'ann', 'phone', 'ann@ann.example', null, 'Ann',
     '{}', 99, 2),
    ('shop', 'p3', '2026-11-03', '2026-11-03 14:02Z', 'user_identified', null, 'fay''s', 'fay@fay.example', null, null,
     '{}', 99, 3),
    ('shop', 'p4', '2026-11-03', '2026-11-03 11:02Z', 'user_identified', null, 'carl''s', 'carl@carl.example', null,
     null, '{}', 99, 4),
    ('shop', 'p5', '2026-11-04', '2026-11-04 11:02Z', 'user_identified', null, 'carl''s', 'other@carl.example', null,
     null, '{}', 99, 5),
    ('blog', 'p1', '2026-11-03', '2026-11-03 09:00Z', 'user_identified', null, 'ann''s', 'blog@ann.example', null, null,
     '{}', 99, 6)
"""
FAILED = """
insert into ops.contact_vault (
    site_id, event_id, event_date, occurred_at, event_name, user_id, anonymous_id, email, file_id, line_number
)
select
    site_id, event_id, event_date, occurred_at, event_name, user_id, anonymous_id,
    replace(anonymous_id, '''s', '') || '@pay.example', file_id, line_number
from raw.events where event_name = 'payment_failed'
"""


@pytest.fixture(scope="module")
def installation(finished_night, tmp_path_factory):
    """The night, with contacts of users, of a device without one, of failed payments, and addresses."""
    with finished_night.beside(tmp_path_factory.mktemp("contacts") / "home") as installation:
        with installation.engine.begin() as connection:
            for statement in (LEFT, FAILED, "update raw.events set ip = '203.0.113.7'"):
                connection.exec_driver_sql(statement)
        yield installation


@pytest.fixture
def make(installation):
    """Make a token and give its connections: `make(["blog"], reads_contacts=True)()`. It is revoked at the end."""
    opened, names = [], []

    def new(sites=(), **given):
        name = f"contacts {uuid4()}"
        names.append(name)
        with installation.engine.begin() as connection:
            credential = add_token(connection, name, sites, **given)
        url = installation.engine.url.set(username=credential.role, password=credential.password)

        def login():
            opened.append(connect(url))
            return opened[-1]

        login.credential = credential
        return login

    yield new
    for connection in opened:
        connection.close()
    with installation.engine.begin() as connection:
        for name in names:
            revoke_token(connection, name)


def found(connection, columns, view, where="true"):
    return connection.execute(f"select {columns} from {view} where {where} order by 1, 2").fetchall()


# Beside whom they stand --------------------------------------------------------------------------


def test_a_customer_has_of_each_contact_the_one_that_was_left_last(make):
    seen = make(["shop"], reads_contacts=True)()
    columns = "user_id, email, phone, name, metadata, contact_left_at::time::text"
    found_of = {row[0]: row[1:] for row in found(seen, columns, "marts.customer_contacts")}
    assert found_of["ann"] == ("ann@ann.example", "+1", "Ann", {"plan": "free"}, "10:05:00")
    assert {user for user, contact in found_of.items() if contact[0]} == {"ann"}


def test_a_session_has_its_users_contacts_or_its_own_or_those_of_a_device_without_a_user(make):
    seen = make(["shop"], reads_contacts=True)()
    sessions = found(seen, "anonymous_id, user_id, email, host(ip)", "marts.session_contacts")
    assert len(sessions) == seen.execute("select count(*) from marts.sessions").fetchone()[0]
    assert {row[:3] for row in sessions if row[2]} == {
        ("ann's", "ann", "ann@ann.example"),
        ("carl's", "carl", "carl@carl.example"),
        ("fay's", None, "fay@fay.example"),
    }
    assert {row[3] for row in sessions} == {"203.0.113.7"}


def test_a_failed_payment_has_the_contact_that_was_left_with_it(make):
    seen = make(["shop"], reads_contacts=True)()
    assert found(seen, "visitor_id, email, host(ip)", "marts.payment_error_contacts") == [
        ("carl's", "carl@pay.example", "203.0.113.7"),
        ("eve's", "eve@pay.example", "203.0.113.7"),
    ]


# Who reads them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sites", [["shop"], []], ids=["of a site", "of all sites"])
def test_a_token_without_contacts_reads_none_whatever_it_sends(make, sites):
    login = make(sites)
    for attempt in ("select", *ESCAPES):
        connection = login()
        try:
            connection.execute(attempt)
        except psycopg.Error:
            connection.rollback()
        for view in (*VIEWS, "ops.contact_vault", "ops.contact_reads"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(sql.SQL("select * from {}").format(sql.Identifier(*view.split("."))))
            connection.rollback()
        connection.close()


def test_a_token_with_contacts_sees_those_of_its_sites_whatever_it_sends(installation, make):
    login = make(["blog"], reads_contacts=True)
    there = {view: sites(installation, view) for view in VIEWS}
    assert set.union(*there.values()) == {"shop", "blog"}
    for attempt in ("select", *ESCAPES):
        connection = login()
        try:
            connection.execute(attempt)
        except psycopg.Error:
            connection.rollback()
        for view in VIEWS:
            try:
                seen = {site for (site,) in connection.execute(f"select distinct site_id from {view}").fetchall()}
            except errors.InsufficientPrivilege:
                connection.rollback()
                continue
            if attempt == "select":
                assert seen == there[view] & {"blog"}, view
            assert seen <= {"blog"}, (attempt, view)
        connection.close()


def sites(installation, view):
    return {site for (site,) in rows(installation.engine, f"select distinct site_id from {view}")}


def test_a_token_of_one_user_sees_that_users_contacts_alone(make):
    seen = make(["shop"], user="ann", reads_contacts=True)()
    assert found(seen, "user_id, email", "live.profile_contacts") == [
        ("ann", "ann@ann.example"),
        ("ann", "old@ann.example"),
    ]
    assert found(seen, "user_id, email", "marts.customer_contacts") == [("ann", "ann@ann.example")]
    assert found(seen, "user_id, email", "marts.session_contacts") == [("ann", "ann@ann.example")]
    assert found(seen, "user_id, email", "marts.payment_error_contacts") == []
    assert found(seen, "user_id, email", "live.payment_contacts") == []
    assert {user for (user, _) in found(seen, "user_id, ip", "live.addresses")} == {"ann"}
    of_other_site = make(["blog"], user="ann", reads_contacts=True)()
    assert [found(of_other_site, "site_id, user_id", view) for view in VIEWS] == [[]] * len(VIEWS)


def test_a_condition_that_fails_on_a_row_is_given_no_row_of_another_site(make):
    """Its error says which value it met."""
    connection = make(["blog"], reads_contacts=True)()
    for view in ("live.profile_contacts", "live.addresses"):
        with pytest.raises(errors.InvalidTextRepresentation, match='"blog"'):
            connection.execute(f"select count(*) from {view} where cast(site_id as integer) > 0")
    for view in VIEWS[:3]:
        failing = f"select count(*) from {view} where site_id = 'shop' and cast(event_id as integer) > 0"
        assert connection.execute(failing).fetchone() == (0,)


def test_analysts_read_contacts_only_where_they_were_given_them(installation):
    analyst = installation.engine_of(Role.ANALYST)
    for view in VIEWS:
        with pytest.raises(DBAPIError, match="permission denied"):
            rows(analyst, f"select * from {view}")
    with installation.engine.begin() as connection:
        role, password = renew_site_analyst(connection, "blog", reads_contacts=True)
    url = installation.engine.url.set(username=role, password=password)
    with closing(connect(url)) as connection:
        for view in VIEWS:
            seen = {site for (site,) in connection.execute(f"select distinct site_id from {view}").fetchall()}
            assert seen == sites(installation, view) & {"blog"}, view
    with installation.engine.begin() as connection:
        _, password = renew_site_analyst(connection, "blog")
    with closing(connect(url.set(password=password))) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("select * from live.profile_contacts")
    with installation.engine.begin() as connection:
        revoke_site_analyst(connection, "blog")


def test_a_person_in_both_groups_reads_the_contacts_of_all_sites(installation):
    with installation.engine.begin() as connection:
        make_reader(connection, "anna_of_footfall_tests", Role.ANALYST, 2)
        connection.exec_driver_sql("grant footfall_contacts to anna_of_footfall_tests")
        set_password(connection, "anna_of_footfall_tests", "secret")
    try:
        url = installation.engine.url.set(username="anna_of_footfall_tests", password="secret")
        with closing(connect(url)) as connection:
            for view in VIEWS:
                seen = {site for (site,) in connection.execute(f"select distinct site_id from {view}").fetchall()}
                assert seen == sites(installation, view), view
    finally:
        with installation.engine.begin() as connection:
            connection.exec_driver_sql("drop role anna_of_footfall_tests")


def test_a_token_that_is_revoked_reads_no_contacts_in_open_connections(installation, make):
    held = make(["shop"], reads_contacts=True)()
    assert found(held, "user_id, email", "live.profile_contacts")
    with installation.engine.begin() as connection:
        (known,) = [token for token in list_tokens(connection) if token.state == "active"]
        assert known.reads_contacts
        connection.execute(text("update ops.tokens set revoked_at = now() where name = :n"), {"n": known.name})
    assert [found(held, "site_id, event_id", view) for view in VIEWS[:3]] == [[]] * 3
    with installation.engine.begin() as connection:
        connection.execute(text("update ops.tokens set revoked_at = null where name = :n"), {"n": known.name})


# The trail ---------------------------------------------------------------------------------------

TRAIL = "select token_id, site_id, asked, user_id, row_count from ops.contact_reads order by read_at"


@pytest.fixture
def record(installation):
    """Record a read as a route does."""
    trail = ContactReads(lambda: installation.database.roles[Role.SERVING])

    def record(*given):
        asyncio.run(trail.record(*given))

    yield record
    with installation.engine.begin() as connection:
        connection.execute(text("delete from ops.contact_reads"))


def test_each_read_is_in_the_trail_before_it_is_answered(installation, make, record):
    token = make(["shop"], reads_contacts=True).credential
    record(token, "shop", "/payment-errors", 2)
    record(token, "shop", "/customers/{user}", 1, "ann")
    record(token, "shop", "/export/{mart}", None)
    assert rows(installation.engine, TRAIL) == [
        (token.token_id, "shop", "/payment-errors", None, 2),
        (token.token_id, "shop", "/customers/{user}", "ann", 1),
        (token.token_id, "shop", "/export/{mart}", None, None),
    ]
    assert rows(installation.engine_of(Role.ANALYST), TRAIL)


def test_no_one_who_answers_or_asks_can_change_the_trail(installation, make, record):
    login = make(["shop"], reads_contacts=True)
    record(login.credential, "shop", "/payment-errors", 2)
    forged = (
        f"insert into ops.contact_reads (token_id, site_id, asked) values ('{login.credential.token_id}', 'shop', '')"
    )
    changes = (
        "delete from ops.contact_reads",
        "update ops.contact_reads set row_count = 0",
        "truncate ops.contact_reads",
    )
    connection = login()
    connection.execute("set default_transaction_read_only = off")
    for statement in (forged, *changes, "select * from ops.contact_reads"):
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)
    with closing(connect(installation.database.roles[Role.SERVING])) as serving:
        for statement in (*changes, "select * from ops.contact_reads"):
            with pytest.raises(errors.InsufficientPrivilege):
                serving.execute(statement)


def test_what_cannot_be_recorded_is_not_answered_and_the_refusal_names_no_one(installation, make, record, caplog):
    token = make(["shop"], reads_contacts=True).credential
    with installation.engine.begin() as connection:
        connection.execute(text("lock table ops.contact_reads in access exclusive mode"))
        with pytest.raises(Unrecorded) as refused:
            record(token, "shop", "/customers/{user}", 1, "ann-zq7")
    problem = of_error(refused.value)
    assert problem.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(problem.headers["Retry-After"]) > 0
    with pytest.raises(Unrecorded):
        record(new_credential(), "shop", "/customers/{user}", 1, "ann-zq7")
    assert "ann-zq7" not in caplog.text + str(problem.body)
    record(token, "shop", "/customers/{user}", 1, "ann")
    assert len(rows(installation.engine, TRAIL)) == 1
