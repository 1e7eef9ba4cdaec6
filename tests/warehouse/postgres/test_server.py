import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import psycopg
import pytest

from warehouse.postgres.connect import make_engine
from warehouse.postgres.server import EmbeddedServer, ServerError


@pytest.fixture
def server(tmp_path):
    tmp_path.chmod(0o700)
    made = EmbeddedServer(tmp_path / "postgres", wished_port=0)
    yield made
    made.stop()


def connect(server, **changes):
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": "footfall",
        "password": server.password,
        "dbname": "footfall",
    }
    return psycopg.connect(**given | changes)


def test_it_starts_once_and_keeps_its_port_and_data(server):
    """Acts: started twice, stopped, started again."""
    server.start()
    server.start()
    with connect(server) as connection:
        connection.execute("create table kept (n int)")
    port = server.port
    server.stop()
    assert not server.is_running()
    server.start()
    assert server.port == port
    with connect(server) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_it_recovers_after_being_killed(server):
    server.start()
    with connect(server) as connection:
        connection.execute("create table kept as select 1 as n")
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    server.start()
    with connect(server) as connection:
        assert connection.execute("select n from kept").fetchone() == (1,)


def test_no_one_connects_without_the_password(server):
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(server, password="guess")


def test_the_password_is_readable_by_its_owner_only(server):
    server.start()
    assert stat.S_IMODE((server.folder / "owner.password").stat().st_mode) == 0o600


def test_an_interrupted_creation_is_begun_again(server):
    server.data.mkdir(parents=True)
    (server.data / "half").touch()
    server.start()
    assert server.is_running()


def test_a_server_that_cannot_start_shows_its_own_log(server):
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(ServerError, match=r"(?s)does not start.*incompatible"):
        server.start()


def test_a_stopped_server_keeps_its_port_and_the_reason_is_given(server):
    """Acts: SIGSTOP, two starts, SIGCONT."""
    server.start()
    port, pid = server.port, server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(2):
            with pytest.raises(ServerError, match=rf"runs, pid {pid}, on port {port}, but does not answer: .*timeout"):
                server.start()
        assert server.port == port
        assert server.is_running()
    finally:
        os.kill(pid, signal.SIGCONT)
    server.start()
    assert (server.port, server.pid) == (port, pid)


def test_a_server_without_a_free_connection_keeps_its_port(server, monkeypatch):
    monkeypatch.setattr("warehouse.postgres.connect.PATIENCE_SECONDS", 1)
    server.start()
    with connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute("alter system set max_connections = 5")
        connection.execute("alter system set superuser_reserved_connections = 0")
        connection.execute("alter system set reserved_connections = 0")
    port = server.port
    server.stop()
    server.start()
    taken = [connect(server) for _ in range(5)]
    with pytest.raises(ServerError, match="too many clients"):
        server.start()
    for connection in taken:
        connection.close()
    server.start()
    assert server.port == port


def test_several_starts_at_once_start_one_server(server):
    """Four processes that find nothing running."""
    code = (
        "from pathlib import Path; from warehouse.postgres.server import EmbeddedServer\n"
        f"EmbeddedServer(Path({str(server.folder)!r}), 0).start()"
    )
    starts = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [started.communicate()[1] for started in starts] == [b""] * 4
    with connect(server) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_an_id_in_a_file_that_another_process_has_is_not_the_server(server):
    """Acts: killed, and its id in the file is now this process's."""
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    file = server.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.is_running()


# It refuses for now ---------------------------------------------------------------------------------


def backends(server, title):
    """Its processes with that word in their titles."""
    found = []
    for child in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):
            found += [child] if title in " ".join(child.cmdline()) else []
    return found


def recovering(server):
    """Kill one of its backends, and stop the process that recovers, which is returned."""
    with connect(server) as connection:
        connection.execute("create table written as select n from generate_series(1, 1000000) as n")
    victim = connect(server)
    os.kill(victim.info.backend_pid, signal.SIGKILL)
    victim.close()
    while not (found := backends(server, "startup")):
        time.sleep(0.001)
    found[0].suspend()
    return found[0]


def test_a_server_that_recovers_is_waited_for_and_keeps_its_port(server):
    """Acts: kill -9 of a backend, a start and a connection of an engine meanwhile, the recovery goes on."""
    server.start()
    port, pid = server.port, server.pid
    at_work = recovering(server)
    engine = make_engine(server.url)
    with ThreadPoolExecutor() as threads:
        begun = [threads.submit(server.start), threads.submit(lambda: engine.connect().close())]
        time.sleep(1.5)
        assert [each.done() for each in begun] == [False, False]
        assert server.is_running()
        at_work.resume()
        for each in begun:
            each.result(60)
    engine.dispose()
    assert (server.port, server.pid, (server.folder / "port").read_text()) == (port, pid, f"{port}\n")


def test_a_recovery_that_does_not_end_is_reported_as_one(server, monkeypatch):
    server.start()
    port, pid = server.port, server.pid
    at_work = recovering(server)
    try:
        monkeypatch.setattr("warehouse.postgres.connect.RECOVERY_SECONDS", 1)
        with pytest.raises(ServerError, match=rf"pid {pid}, on port {port}, but does not answer: .*recovery mode"):
            server.start()
    finally:
        monkeypatch.undo()
        at_work.resume()
    server.start()
    assert (server.port, server.pid) == (port, pid)


def test_a_server_whose_lock_table_is_full_is_waited_for_and_keeps_its_port(server, monkeypatch):
    """Acts: locks until there is room for none, a start, the locks end during a second start."""
    monkeypatch.setattr("warehouse.postgres.connect.PATIENCE_SECONDS", 2)
    server.start()
    port, pid = server.port, server.pid
    holder = connect(server, autocommit=True)
    with suppress(psycopg.errors.OutOfMemory):
        for n in range(10_000_000):
            holder.execute(
                "select pg_advisory_lock(n) from generate_series(%s::int, %s) as n", [n * 500, n * 500 + 499]
            )
    with pytest.raises(ServerError, match=rf"pid {pid}, on port {port}, but does not answer: .*out of shared memory"):
        server.start()
    with ThreadPoolExecutor() as threads:
        begun = threads.submit(server.start)
        time.sleep(0.5)
        holder.close()
        begun.result(60)
    assert (server.port, server.pid, (server.folder / "port").read_text()) == (port, pid, f"{port}\n")


def test_the_port_of_a_server_that_lives_is_the_one_it_listens_on(server):
    """A version before this one wrote another port, or on a full disk none, over that of a server that lived."""
    server.start()
    port, file = server.port, server.folder / "port"
    for spoiled in ("1\n", ""):
        file.write_text(spoiled)
        assert server.port == port
        server.start()
    server.stop()
    server.start()
    assert server.is_running()


def test_a_start_that_fails_takes_the_port_from_none(server):
    server.start()
    port = server.port
    server.stop()
    (server.data / "PG_VERSION").write_text("11\n")
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ServerError, match="does not start"):
        server.start()
    assert (server.folder / "port").read_text() == f"{port}\n"
