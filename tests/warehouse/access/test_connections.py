"""A server of few connections, all of which readers take: the steps still connect, and `doctor` reckons."""

from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from footfall.stack import doctor
from footfall.stack.stack import prepare_database
from runtime.settings import Settings
from warehouse.access.server_rights import WORKERS
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.access.sites import add_site
from warehouse.postgres.connect import connect
from warehouse.postgres.database import database, embedded_server
from warehouse.postgres.roles import READER_CONNECTIONS, SITE_READER_CONNECTIONS, Role
from warehouse.postgres.server import READERS_CONNECTIONS, reserved_connections

NEEDED = 4


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """An embedded server with twenty connections, of which four are reserved."""
    settings = Settings(home=tmp_path_factory.mktemp("few") / "home", postgres_port=0)
    prepare_database(settings)
    server = embedded_server(settings)
    with connect(database(settings).administrator) as connection:
        shown = [
            connection.execute(f"show {name}").fetchone()[0] for name in ("max_connections", "reserved_connections")
        ]
        connection.execute("alter system set max_connections = 20")
        connection.execute(f"alter system set reserved_connections = {NEEDED}")
    assert int(shown[0]) - int(shown[1]) == READERS_CONNECTIONS
    server.stop()
    server.start()
    yield settings
    server.stop()


def open_all(opened, url):
    for _ in range(READER_CONNECTIONS):
        opened.enter_context(connect(url))


def test_the_steps_connect_when_readers_have_taken_all_other_connections(settings):
    urls = database(settings).roles
    with ExitStack() as opened:
        with pytest.raises(psycopg.OperationalError, match="reserved for roles with privileges of the"):
            open_all(opened, urls[Role.ANALYST])
        taken = [opened.enter_context(connect(urls[role])) for role in WORKERS[:NEEDED]]
        assert len(taken) == NEEDED


def found(settings, connection):
    return next(each for each in doctor._readers(connection, is_embedded=False) if "connections" in each.what)


def test_doctor_reckons_what_readers_leave_to_the_steps(settings, monkeypatch):
    """Acts: enough is reserved, too little is reserved, nothing is promised to a site more."""
    engine = database(settings).engine()
    with engine.begin() as connection:
        for number in range(2):
            add_site(connection, f"site{number}")
            renew_site_analyst(connection, f"site{number}")
        promised = READER_CONNECTIONS + 2 * SITE_READER_CONNECTIONS
        monkeypatch.setattr(doctor, "reserved_connections", lambda cores: NEEDED)
        enough = found(settings, connection)
        assert (enough.ok, enough.what) == (
            True,
            f"of 20 connections readers may open {promised}; {NEEDED} stay for the steps",
        )
        monkeypatch.setattr(doctor, "reserved_connections", reserved_connections)
        lacks = found(settings, connection)
        assert not lacks.ok
        assert f"max_connections = {promised + 3 + reserved_connections(doctor.os.cpu_count())}" in lacks.fix
        connection.execute(text("alter role footfall_site_site1 nologin"))
        assert f"readers may open {promised - SITE_READER_CONNECTIONS};" in found(settings, connection).what
    engine.dispose()
