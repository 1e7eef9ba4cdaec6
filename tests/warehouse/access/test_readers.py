"""Readers who lift their limits, and what they cannot lift: sessions are ended, settings put back, functions closed."""

import threading
import time
from contextlib import contextmanager, suppress

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from tests.support.command import footfall
from tests.support.database import rows
from tests.support.installation import password_of
from warehouse.access import readers
from warehouse.access.server_rights import WORKERS, lacking
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.access.sites import add_site
from warehouse.postgres import locks, roles
from warehouse.postgres.connect import connect
from warehouse.postgres.locks import CANDIDATE, MARTS, exclusive, held
from warehouse.postgres.roles import Role

SITE = "held"


@pytest.fixture
def reader(engine):
    """Connections of an analyst of one site; its role goes at the end, as other tests share the server."""
    with engine.begin() as connection:
        add_site(connection, SITE)
        role, password = renew_site_analyst(connection, SITE)
    url = engine.url.set(username=role, password=password)
    made = []

    def make(**parameters):
        made.append(connect(url, **parameters))
        return made[-1]

    make.role = role
    yield make
    for connection in made:
        connection.close()
    with engine.begin() as connection:
        connection.execute(text(f"drop owned by {role}"))
        connection.execute(text(f"drop role {role}"))


def beyond(engine):
    with engine.connect() as connection:
        return {session.pid: session.beyond for session in readers.sessions(connection)}


# What is closed to them ----------------------------------------------------------------------------

CLOSED = (
    *(
        f"select pg_{how}advisory_{scope}lock{kind}(7004)"
        for how in ("", "try_")
        for scope in ("", "xact_")
        for kind in ("", "_shared")
    ),
    "select pg_advisory_lock(7, 4)",
    "select pg_advisory_lock(n) from generate_series(1, 54000) as n",
    "select lo_create(0)",
    "select lo_creat(-1)",
    "select lo_from_bytea(0, 'kept')",
    "select lo_import('/etc/hostname')",
    "select pg_logical_emit_message(false, 'a', repeat('x', 100))",
    "select pg_notify('a', 'b')",
    "set temp_file_limit = -1",
    "alter role current_user set temp_file_limit = -1",
)


@pytest.mark.parametrize("statement", CLOSED)
def test_what_holds_up_others_or_fills_the_disk_is_closed_to_readers(reader, statement):
    connection = reader()
    connection.execute("set default_transaction_read_only = off")
    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_what_gives_a_lock_back_is_open(reader):
    """Pools of clients call it when a connection comes back to them."""
    reader().execute("select pg_advisory_unlock_all()")


def test_a_readers_sorts_have_a_limit_on_disk(reader):
    connection = reader()
    assert connection.execute("show temp_file_limit").fetchone() == ("1GB",)
    connection.execute("set default_transaction_read_only = off")
    connection.execute("alter role current_user reset all")
    assert reader().execute("show temp_file_limit").fetchone() == ("1GB",)


def test_the_steps_take_locks_reserved_slots_and_see_who_holds_them_up(engine):
    with engine.connect() as connection:
        assert lacking(connection) == []
    for role in WORKERS:
        with connect(engine.url.set(username=role, password=password_of(role))) as worker:
            worker.execute("select pg_advisory_lock(1), pg_advisory_unlock(1)")
            worker.execute("create temporary table mine (n int)")
            found = worker.execute(
                "select pg_has_role('pg_use_reserved_connections', 'usage'), pg_has_role('pg_read_all_stats', 'usage')"
            ).fetchone()
        assert found == (True, True)


def test_what_is_open_is_named(engine):
    with engine.begin() as connection:
        connection.execute(text("grant execute on function pg_advisory_lock(bigint), lo_create(oid) to public"))
        assert lacking(connection)[0] == "any role may call lo_create, pg_advisory_lock"


# Sessions ------------------------------------------------------------------------------------------


def test_a_session_that_lifted_its_limits_is_ended_by_those_it_cannot_lift(engine, reader, monkeypatch):
    """Four sessions: an idle transaction, a long statement, a long transaction, and one without a transaction."""
    monkeypatch.setattr(readers, "IDLE_MINUTES", -0.5)
    idle, at_work, patient = (reader() for _ in range(3))
    for connection in (idle, at_work, patient):
        connection.execute("set statement_timeout = 0; set idle_in_transaction_session_timeout = 0")
    idle.execute("begin; select * from live.areas")

    def sleep():
        with suppress(psycopg.OperationalError):
            at_work.execute("select pg_sleep(60)")

    sleeping = threading.Thread(target=sleep)
    sleeping.start()
    time.sleep(0.2)
    pids = {
        name: connection.info.backend_pid
        for name, connection in (("idle", idle), ("at_work", at_work), ("patient", patient))
    }
    assert beyond(engine) == {
        pids["idle"]: "its transaction is idle for more than -0.5 minutes",
        pids["at_work"]: None,
        pids["patient"]: None,
    }
    monkeypatch.setattr(readers, "STATEMENT_MINUTES", -0.5)
    monkeypatch.setattr(readers, "IDLE_MINUTES", 5)
    assert beyond(engine)[pids["at_work"]] == "its statement takes longer than -0.5 minutes"
    monkeypatch.setattr(readers, "TRANSACTION_MINUTES", 0)
    assert beyond(engine)[pids["idle"]] == "its transaction takes longer than 0 minutes"
    with engine.begin() as connection:
        assert {session.pid for session in readers.end_beyond(connection)} == {pids["idle"], pids["at_work"]}
    sleeping.join(10)
    with pytest.raises(psycopg.OperationalError):
        idle.execute("select 1")
    patient.execute("select 1")


def test_a_reader_within_its_limits_is_left_alone(engine, reader):
    reader().execute("begin; select * from live.areas")
    with engine.begin() as connection:
        assert readers.end_beyond(connection) == []


def test_a_query_is_shown_on_one_line_without_orders_to_a_terminal(engine, reader):
    connection = reader()
    connection.execute("begin; select '\x1b]52;c;AAAA\x07',\n '\u202e' as turned")
    with engine.connect() as administrator:
        (found,) = readers.sessions(administrator)
    assert found.query == "begin; select ' ]52;c;AAAA ', ' ' as turned"


def test_only_readers_can_be_ended(engine, reader):
    pid = reader().info.backend_pid
    with engine.begin() as connection:
        assert readers.end(connection, connection.scalar(text("select pg_backend_pid()"))) is False
        assert readers.end(connection, pid) is True


@contextmanager
def waiting(engine, statement):
    """A step that waits for a lock."""
    outcome = []

    def work():
        with engine.begin() as connection:
            outcome.append(connection.execute(text(statement)).rowcount)

    thread = threading.Thread(target=work)
    thread.start()
    while not rows(engine, "select 1 from pg_locks where not granted"):
        time.sleep(0.02)
    yield outcome
    thread.join(30)
    assert not thread.is_alive()


def test_who_holds_up_a_step_is_ended_while_a_command_runs(engine, reader, monkeypatch, caplog):
    """Two readers: one holds the view, the other stands behind the step in the queue and is left alone."""
    monkeypatch.setattr(readers, "BLOCKING_SECONDS", 0.5)
    monkeypatch.setattr(readers, "WATCH_SECONDS", 0.3)
    holder, behind = reader(), reader()
    pid = holder.info.backend_pid
    holder.execute("set idle_in_transaction_session_timeout = 0; begin; select * from live.areas")
    with readers.readers_watched(engine), waiting(engine, "lock table ops.sites in access exclusive mode"):
        behind.execute("select * from live.areas")
    with pytest.raises(psycopg.OperationalError):
        holder.execute("select 1")
    behind.execute("select 1")
    (said,) = [record.getMessage() for record in caplog.records if "ended a reader" in record.getMessage()]
    assert f"pid {pid}, role {reader.role}, idle in transaction" in said
    assert "has held up" in said
    assert "select * from live.areas" in said


@pytest.fixture
def dead(engine):
    """A table whose rows are deleted while a reader may still see them; its size after a vacuum."""
    administrator = engine.execution_options(isolation_level="AUTOCOMMIT")

    def run(*statements):
        with administrator.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        ((size,),) = rows(engine, "select pg_relation_size('public.dead')")
        return size

    assert run("create table public.dead as select from generate_series(1, 1000)") > 0
    return run


def test_a_snapshot_held_by_one_short_statement_after_the_other_is_ended_and_vacuum_goes_on(
    engine, reader, dead, monkeypatch
):
    """Neither idle nor long. Since version 17 the server ends it; before, what watches readers."""
    monkeypatch.setitem(roles._READER_SETTINGS, "transaction_timeout", "1s")
    monkeypatch.setattr(readers, "TRANSACTION_MINUTES", 1 / 60)
    monkeypatch.setattr(readers, "WATCH_SECONDS", 0.3)
    with engine.begin() as connection:
        assert roles.limit_reader(connection, reader.role, roles.SITE_READER_CONNECTIONS)
    holder = reader()
    holder.execute("begin isolation level repeatable read; select * from live.areas")
    assert dead("delete from public.dead", "vacuum public.dead") > 0

    def go_on():
        for _ in range(100):
            holder.execute("select 1")
            time.sleep(0.05)

    with readers.readers_watched(engine), pytest.raises(psycopg.Error, match=r"transaction timeout|administrator"):
        go_on()
    assert dead("vacuum public.dead") == 0


def test_an_export_in_parts_may_take_longer_than_a_statement_may(reader):
    with reader() as connection:
        connection.execute("set statement_timeout = 300")
        with connection.transaction(), connection.cursor("export") as parts:
            parts.execute("select n, pg_sleep(0.02) from generate_series(1, 40) as n")
            parts.itersize = 5
            begun = time.monotonic()
            assert len(list(parts)) == 40
        assert time.monotonic() - begun > 0.6


# Settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "alter role current_user set statement_timeout = 0",
        "alter role current_user set idle_in_transaction_session_timeout = 0",
        "alter role current_user set default_transaction_read_only = off",
        "alter role current_user set row_security = off",
        "alter role current_user set local_preload_libraries = 'of none'",
        "alter role current_user set work_mem = '1GB'",
        "alter role current_user reset all",
        "alter role current_user in database {database} set statement_timeout = 0",
    ],
)
def test_what_a_reader_set_for_ever_is_put_back(engine, reader, change):
    connection = reader()
    connection.execute("set default_transaction_read_only = off")
    connection.execute(change.format(database=engine.url.database))
    assert reader.role in readers.put_back(engine)
    found = [
        reader().execute(f"show {name}").fetchone()[0]
        for name in ("statement_timeout", "row_security", "work_mem", "temp_file_limit")
    ]
    ((work_mem,),) = rows(engine, "show work_mem")
    assert found == ["10min", "on", work_mem, "1GB"]
    assert reader.role not in readers.put_back(engine)


# Who waits says for whom ---------------------------------------------------------------------------


def test_who_waits_for_a_lock_says_for_whom(engine, monkeypatch, caplog):
    """Three kinds: of a transaction, of a connection, and on a relation."""
    monkeypatch.setattr(locks, "QUIET_SECONDS", 0.2)

    def in_transaction():
        with engine.begin() as connection:
            exclusive(connection, MARTS)

    def on_a_connection():
        with held(engine, CANDIDATE):
            pass

    def on_a_relation():
        with engine.begin() as connection, locks.waits_reported(connection):
            connection.execute(text("lock table ops.sites in access exclusive mode"))

    holder = connect(engine.url.set(username=Role.PUBLISHER, password=password_of(Role.PUBLISHER)))
    pid = holder.info.backend_pid
    for take, work, named in (
        (f"begin; select pg_advisory_xact_lock({MARTS})", in_transaction, f"lock {MARTS}"),
        (f"begin; select pg_advisory_xact_lock({CANDIDATE})", on_a_connection, f"lock {CANDIDATE}"),
        ("begin; select from ops.sites", on_a_relation, "a lock on ops.sites"),
    ):
        caplog.clear()
        holder.execute(take)
        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(1)
        holder.execute("commit")
        thread.join(10)
        (said,) = [record.getMessage() for record in caplog.records]
        assert f" for {named}: pid {pid}, role {Role.PUBLISHER}, idle in transaction since 20" in said
        assert take.removeprefix("begin; ") in said
    holder.close()


def test_who_does_not_wait_says_nothing(engine, caplog):
    with held(engine, CANDIDATE):
        pass
    assert not caplog.records


# The command ---------------------------------------------------------------------------------------


def test_the_command_shows_and_ends_what_is_beyond_and_puts_back(installation):
    """Acts: a reader blocks a step for ever, changed its role and left a large object; shown, ended, all is well."""
    url = installation.database.roles[Role.ANALYST]
    address = installation.database.administrator.render_as_string(hide_password=False)
    home = installation.settings.home
    with installation.engine.begin() as connection:
        connection.execute(text(f"grant execute on function lo_from_bytea(oid, bytea) to {Role.ANALYST}"))
    with connect(url) as reader, connect(url) as bystander:
        pid = reader.info.backend_pid
        reader.execute("set default_transaction_read_only = off; set idle_in_transaction_session_timeout = 0")
        reader.execute("alter role current_user set statement_timeout = 0")
        reader.execute("select lo_from_bytea(0, 'left')")
        reader.execute("begin; select * from live.areas")
        with waiting(installation.engine, "lock table ops.sites in access exclusive mode"):
            time.sleep(readers.BLOCKING_SECONDS + 0.5)
            shown = footfall(home, "readers", FOOTFALL_DATABASE_URL=address, COLUMNS="200")
            ended = footfall(home, "readers", "--end", FOOTFALL_DATABASE_URL=address)
        assert "has held up" in shown.stdout
        assert f"ended pid {pid}" in ended.stdout
        assert f"put back the settings of {Role.ANALYST}" in ended.stdout
        assert "deleted 1 large objects" in ended.stdout
        with pytest.raises(psycopg.OperationalError):
            reader.execute("select 1")
        bystander.execute("select 1")
        one = footfall(home, "readers", "--pid", str(bystander.info.backend_pid), FOOTFALL_DATABASE_URL=address)
        assert one.returncode == 0
        with pytest.raises(psycopg.OperationalError):
            bystander.execute("select 1")
    none = footfall(home, "readers", "--pid", "1", FOOTFALL_DATABASE_URL=address)
    assert (none.returncode, "1 is no reader's session" in none.stderr) == (1, True)
