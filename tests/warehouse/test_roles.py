"""The analyst, connected as the analyst: reads what is published and nothing else, and changes nothing."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import rows
from warehouse.database import ANALYST
from warehouse.roles import grant_analyst


@pytest.fixture
def analyst(engine):
    with engine.begin() as connection:
        connection.execute(text("create table marts.made_later (n int)"))
        connection.execute(text("insert into marts.made_later values (1)"))
        connection.execute(text("create view live.made_later as select n from marts.made_later"))
        connection.execute(text("create table audit.candidate (n int)"))
        # A role belongs to the server, not to the database: other tests change its password.
        grant_analyst(connection, "analyst")
    made = create_engine(engine.url.set(username=ANALYST, password="analyst"))
    yield made
    made.dispose()


@pytest.mark.parametrize(
    "relation",
    ["marts.made_later", "made_later", "live.made_later", "ops.sites", "ops.publications", "ops.retention_policies"],
)
def test_the_analyst_reads_what_is_published(analyst, relation):
    rows(analyst, f"select * from {relation}")


@pytest.mark.parametrize(
    "relation",
    [
        "raw.events",
        "raw.rejects",
        "raw.user_agents",
        "ops.site_keys",
        "ops.contact_vault",
        "audit.candidate",
        "audit.slice_days",
    ],
)
def test_the_analyst_does_not_read_what_is_raw_secret_or_unchecked(analyst, relation):
    with pytest.raises(DBAPIError, match="permission denied"):
        rows(analyst, f"select * from {relation}")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into marts.made_later values (2)",
        "update marts.made_later set n = 2",
        "delete from marts.made_later",
        "truncate marts.made_later",
        "drop table marts.made_later",
        "create table marts.mine (n int)",
        "create table public.mine (n int)",
        "insert into ops.dirty_days (event_date, cause) values (now(), 'mine')",
        "update ops.retention_policies set keep_days = 1",
        "create role mine",
    ],
)
def test_the_analyst_cannot_write_even_when_asking_for_it(analyst, statement):
    with analyst.connect() as connection:
        connection.execute(text("set session characteristics as transaction read write"))
        connection.commit()
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            connection.execute(text(statement))


def test_the_analyst_reads_only_unless_asked_and_not_for_ever(analyst):
    assert rows(analyst, "show default_transaction_read_only") == [("on",)]
    assert rows(analyst, "show statement_timeout") == [("10min",)]


def test_granting_again_renews_the_password(server_url, engine):
    with engine.begin() as connection:
        grant_analyst(connection, "quote'and\\slash%")
    try:
        renewed = create_engine(engine.url.set(username=ANALYST, password="quote'and\\slash%"))
        assert rows(renewed, "select current_user") == [(ANALYST,)]
        renewed.dispose()
    finally:
        with engine.begin() as connection:
            grant_analyst(connection, "analyst")
