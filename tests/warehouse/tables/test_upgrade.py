"""An installation from before there were roles, upgraded by its migration alone."""

from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from footfall.pipeline import night
from tests.support.database import DATABASE, copy_of, rows
from tests.support.events import event
from tests.support.installation import contents
from tests.support.rights import deviations
from warehouse.privacy.erased_relations import erased_relations
from warehouse.privacy.requests import unfinished_erasures
from warehouse.tables import migrate as schema
from warehouse.tables.contracts import read_marts
from warehouse.tables.partitions import partition_name
from warehouse.tables.version import version


def land_two_days(landing):
    landing.land(event("2026-11-02 10:00", "ann's"), event("2026-11-02 10:01", "ann's", user_id="ann"))
    landing.land(event("2026-11-03 10:00", "ben's"))


OLD_WAYS = """
create table raw.{partition} (like raw.events including all);
alter table raw.events attach partition raw.{partition} for values from ('2026-11-02') to ('2026-11-03');
alter default privileges in schema marts grant select on tables to footfall_analyst;
alter default privileges in schema live grant select on tables to footfall_analyst;
alter default privileges in schema ops grant select on tables to footfall_analyst;
grant usage on schema marts, live, ops to footfall_analyst;
create view live.calendar as select current_date as calendar_date;
create table staging.stg_events (left_over int);
create unlogged table audit.sessions (left_over int);
create table marts.own_notes (note text);
insert into marts.own_notes values ('not ours');
insert into ops.sites (site_id) values ('shop')
"""


def test_a_database_of_before_is_handed_over_by_the_migration_and_has_its_night(installation, landing, parsed_project):
    _as_it_was(installation.engine, read_marts(parsed_project / "manifest.json"))
    schema.migrate(installation.engine)
    with installation.engine.connect() as connection:
        undecided = [line for line in deviations(connection) if "own_notes" not in line]
        assert undecided == []
    land_two_days(landing)
    night.nightly(installation, say=lambda line: None)
    with installation.engine.connect() as connection:
        assert [line for line in deviations(connection) if "own_notes" not in line] == []
    assert rows(installation.engine, "select note from marts.own_notes") == [("not ours",)]
    assert {
        name for (name,) in rows(installation.engine, "select tableowner from pg_tables where tablename = 'sessions'")
    } == {
        "footfall_publisher",
        "footfall_transformer",
    }
    assert len(contents(installation)["sessions"]) == 2


def test_a_server_that_is_too_old_is_refused_before_anything_is_changed(server_url, monkeypatch):
    monkeypatch.setattr(schema, "OLDEST_SERVER", 99)
    with copy_of(server_url.set(database="template1")) as url:
        engine = create_engine(url)
        with pytest.raises(schema.SchemaError, match=r"This is PostgreSQL \d+; Footfall needs 99 or newer\."):
            schema.migrate(engine)
        with engine.connect() as connection:
            assert version(connection) is None
        engine.dispose()


def test_after_erasures_of_before_the_files_are_written_anew_too(server_url):
    with copy_of(server_url.set(database="template1")) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            command.upgrade(schema._config(connection), "0022")
            connection.exec_driver_sql(_ERASURES_OF_BEFORE)
        schema.migrate(engine)
        with engine.connect() as connection:
            assert {number: receipt.unreadable_at for number, receipt in unfinished_erasures(connection).items()} == {
                1: datetime(2026, 11, 2, 10, tzinfo=UTC)
            }
            relations = {each.name for each in erased_relations(connection)}
        assert {"raw.rejects", "raw.user_agents", "ops.contact_vault", "pg_catalog.pg_statistic"} <= relations
        engine.dispose()


def test_what_contacts_were_kept_for_holds_for_both_kinds_of_them(server_url):
    with copy_of(server_url.set(database="template1")) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            command.upgrade(schema._config(connection), "0029")
            connection.exec_driver_sql("update ops.retention_policies set keep_days = 400 where policy = 'contacts'")
        schema.migrate(engine)
        kept = "select policy, keep_days from ops.retention_policies where policy like '%contacts' order by 1"
        assert rows(engine, kept) == [("payment_contacts", 400), ("profile_contacts", 400)]
        engine.dispose()


_ERASURES_OF_BEFORE = """
insert into ops.privacy_requests (site_id, action, kind, subject_hash, state, requested_by, done_at, receipt) values
('shop', 'erase', 'user', 'a', 'done', 'me', '2026-11-02 10:00Z', '{"places": {"raw.events": 1}, "restatement": "done"}'),
('shop', 'erase', 'user', 'b', 'refused', 'me', '2026-11-02 10:00Z', '{"reason": "no"}'),
('shop', 'export', 'user', 'c', 'done', 'me', '2026-11-02 10:00Z', '{"folder": "x"}')
"""


def _as_it_was(engine, marts):
    """Empty the database and make it as version 0007 had it after a night, all of it the administrator's."""
    name = engine.url.database
    assert name == DATABASE
    engine.dispose()
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    admin.dispose()
    with engine.begin() as connection:
        command.upgrade(schema._config(connection), "0007")
        for statement in OLD_WAYS.format(partition=partition_name(date(2026, 11, 2))).split(";"):
            connection.execute(text(statement))
        for mart in marts:
            if mart.name == "daily_goals":
                continue  # It came later, and 0015 looks for a medium beside each channel.
            columns = ", ".join(f"{column.name} {column.data_type}" for column in mart.columns)
            key = ", ".join(mart.primary_key)
            connection.execute(text(f"create table marts.{mart.name} ({columns}, primary key ({key}))"))
        connection.execute(
            text(
                "create view marts.sessions_current_user as"
                " select sessions.*, current_user_id from marts.sessions left join marts.visitors using (site_id, visitor_id)"
            )
        )
