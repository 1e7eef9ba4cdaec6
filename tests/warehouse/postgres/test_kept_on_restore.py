"""What a restore keeps of the database it replaces, also where that one is of an older version."""

from tests.support.database import rows
from warehouse.postgres.kept_on_restore import SCHEMA, take_over


def test_a_name_is_that_of_the_token_of_now(engine):
    """A restored token of the same name is revoked, so that the restore goes on."""
    given = "('{}', '{}', 'hash', true, {})"
    with engine.begin() as connection:
        insert = "insert into ops.tokens (token_id, name, token_hash, sees_all_sites, revoked_at) values "
        for token in (given.format("then", "reports", "null"), given.format("always", "pages", "null")):
            connection.exec_driver_sql(insert + token)
        connection.exec_driver_sql(f"create schema {SCHEMA}")
        connection.exec_driver_sql(f"create table {SCHEMA}.tokens (like ops.tokens including defaults)")
        for token in (
            given.format("new", "pages", "null"),
            given.format("always", "pages", "now()"),
            given.format("now", "reports", "null"),
        ):
            connection.exec_driver_sql(insert.replace("ops.", f"{SCHEMA}.") + token)
        take_over(connection)
    assert rows(engine, "select token_id from ops.tokens where revoked_at is null order by 1") == [("new",), ("now",)]


def test_policies_of_before_there_were_kinds_of_people_hold_for_both(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create schema {SCHEMA}")
        connection.exec_driver_sql(
            f"create table {SCHEMA}.retention_policies as select 'raw_events' as policy, 400 as keep_days, '' as description"
        )
        take_over(connection)
    assert rows(
        engine, "select kind, keep_days from ops.retention_policies where policy = 'raw_events' order by 1"
    ) == [
        ("anonymous", 400),
        ("signed_in", 400),
    ]
    assert rows(engine, "select count(*) from ops.retention_policies where policy = 'raw_events'") == [(2,)]


def test_a_policy_of_before_contacts_had_two_holds_for_both(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create schema {SCHEMA}")
        connection.exec_driver_sql(
            f"create table {SCHEMA}.retention_policies as select 'contacts' as policy, 'all' as kind, 400 as keep_days,"
            " '' as description"
        )
        take_over(connection)
    assert rows(
        engine, "select policy, keep_days from ops.retention_policies where policy like '%contacts' order by 1"
    ) == [("payment_contacts", 400), ("profile_contacts", 400)]
