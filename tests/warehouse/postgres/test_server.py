import os
import signal
import stat
import subprocess
import sys

import psycopg
import pytest

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


def test_a_server_without_a_free_connection_keeps_its_port(server):
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
