"""The database as one file: who may do what is in it, and it is taken as it was at one moment."""

import subprocess

import pytest
from sqlalchemy import create_engine, text

from tests.support.database import copy_of, rows
from warehouse.postgres import dump
from warehouse.postgres.dump import DumpError, known_settings, make_room, restore_dump, roles_of, write_dump
from warehouse.tables.version import newest

ROLE = "footfall_test_reader"


@pytest.fixture
def reader(engine):
    """A role that may read the sites; gone in the end, with all that it may."""
    with engine.begin() as connection:
        connection.execute(text(f"create role {ROLE} nologin"))
        connection.execute(text(f"grant select on ops.sites to {ROLE}"))
    yield ROLE
    with engine.begin() as connection:
        connection.execute(text(f"drop owned by {ROLE}"))
        connection.execute(text(f"drop role {ROLE}"))


def write(engine, path, meanwhile=""):
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        roles = roles_of(connection)
        if meanwhile:
            with engine.begin() as other:
                other.execute(text(meanwhile))
        write_dump(connection, engine.url, path)
    return roles


def put_back(engine, path, roles=(), same_owner=True):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        restore_dump(connection, engine.url, path, roles, same_owner, make_room(newest()))


MAY_READ = "select has_table_privilege(:role, 'ops.sites', 'select')"


@pytest.mark.parametrize("same_owner", [True, False])
def test_who_may_do_what_comes_back_also_where_the_role_is_gone(engine, tmp_path, reader, same_owner):
    roles = write(engine, tmp_path / "dump")
    assert reader in roles
    with engine.begin() as connection:
        connection.execute(text(f"drop owned by {reader}"))
        connection.execute(text(f"drop role {reader}"))
    put_back(engine, tmp_path / "dump", roles, same_owner)
    assert rows(engine, MAY_READ, role=reader) == [(True,)]
    assert rows(engine, "select rolcanlogin from pg_roles where rolname = :role", role=reader) == [(False,)]


def test_what_is_committed_after_its_moment_is_not_in_it(engine, tmp_path):
    write(engine, tmp_path / "dump", meanwhile="insert into ops.sites (site_id) values ('later')")
    assert rows(engine, "select site_id from ops.sites") == [("later",)]
    put_back(engine, tmp_path / "dump")
    assert rows(engine, "select site_id from ops.sites") == []


def test_what_a_dump_does_not_hold_is_gone_after_it_was_put_back(engine, tmp_path):
    write(engine, tmp_path / "dump")
    with engine.begin() as connection:
        connection.execute(text("create table marts.made_later (n int)"))
        connection.execute(text("create view live.made_later as select * from marts.made_later"))
    put_back(engine, tmp_path / "dump")
    assert rows(engine, "select to_regclass('marts.made_later'), to_regclass('live.made_later')") == [(None, None)]


def test_all_of_our_schemas_are_in_it(engine, tmp_path, template):
    """Every schema, table, view, function, index and constraint that a migration makes."""
    everything = (
        "select nspname::text, relname::text, relkind::text from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname !~ '^pg_|^information_schema$' union all"
        " select nspname::text, proname::text, 'function' from pg_proc p join pg_namespace n on n.oid = pronamespace"
        " where nspname !~ '^pg_|^information_schema$' union all"
        " select conrelid::regclass::text, conname::text, contype::text from pg_constraint where conrelid <> 0"
        " union all select nspname::text, '', 'schema' from pg_namespace order by 1, 2, 3"
    )
    write(engine, tmp_path / "dump")
    with copy_of(engine.url.set(database=template)) as url:
        other = create_engine(url)
        before = rows(other, everything)
        put_back(other, tmp_path / "dump")
        assert rows(other, everything) == before
        other.dispose()


def test_where_no_program_is_as_new_as_the_server_it_says_what_to_install(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(dump, "_major", lambda folder: 15)
    with pytest.raises(DumpError, match=r"the server is PostgreSQL \d+: put its own pg_dump"):
        write(engine, tmp_path / "dump")


def test_a_server_before_17_is_not_sent_a_setting_it_does_not_know(engine, tmp_path):
    write(engine, tmp_path / "dump")
    reading = [dump.BINARIES / "pg_restore", "--file=-", tmp_path / "dump"]
    head = subprocess.run(reading, capture_output=True, check=True).stdout[: dump._HEAD_BYTES]
    assert b"\nSET transaction_timeout = 0;\nSET " in head
    assert known_settings(head, 17) == head
    assert known_settings(head, 16) == head.replace(b"\nSET transaction_timeout = 0;\nSET ", b"\nSET ")
