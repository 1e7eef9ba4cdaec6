"""A server of few connections, all of which readers take: the steps still connect, and `doctor` reckons."""

from contextlib import ExitStack
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from footfall.cli.main import _known
from footfall.stack import doctor
from footfall.stack.stack import prepare_database
from runtime.settings import Settings
from tests.support.ingestion.running_collector import wait_until
from warehouse.access.readers import full
from warehouse.access.server_rights import WORKERS
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.access.sites import add_site, write_registry
from warehouse.postgres.connect import connect, make_engine
from warehouse.postgres.database import database, embedded_server
from warehouse.postgres.roles import READER_CONNECTIONS, SITE_READER_CONNECTIONS, Role
from warehouse.postgres.server import readers_connections, reserved_connections

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
    assert int(shown[0]) - int(shown[1]) == readers_connections(0)
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


def test_a_site_analyst_without_a_free_connection_is_told_so_and_doctor_names_it(settings, monkeypatch):
    """Acts: all taken, one closed."""
    monkeypatch.setattr("warehouse.postgres.connect.PATIENCE_SECONDS", 0)
    engine = database(settings).engine()
    with engine.begin() as connection:
        add_site(connection, "busy")
        role, password = renew_site_analyst(connection, "busy")
        connection.execute(text(f"alter role {role} connection limit 2"))
    url = engine.url.set(username=role, password=password)

    def taken():
        with engine.connect() as connection:
            return full(connection)

    with ExitStack() as opened:
        first, _ = (opened.enter_context(connect(url)) for _ in range(2))
        assert taken() == [f"{role} has all its 2 connections open"]
        with pytest.raises(OperationalError) as refused:
            make_engine(url).connect()
        assert f'too many connections for role "{role}"' in _known(refused.value)
        assert "`footfall readers` shows" in _known(refused.value)
        first.execute("set statement_timeout = 50")
        with pytest.raises(psycopg.errors.QueryCanceled) as slow:
            first.execute("select pg_sleep(5)")
        assert "Ask for fewer days" in _known(slow.value)
        first.close()
        wait_until(lambda: taken() == [])
    with engine.begin() as connection:
        connection.execute(text(f"alter role {role} nologin"))
    engine.dispose()


@pytest.mark.parametrize(("sites", "connections"), [(0, 160), (5, 160), (6, 174), (47, 994), (48, 1000), (500, 1000)])
def test_the_embedded_server_has_connections_for_the_readers_of_each_site_up_to_a_thousand(sites, connections):
    assert readers_connections(sites) == connections


def test_the_embedded_server_learns_from_the_registry_how_many_sites_there_are(settings):
    """Acts: no registry, sites, and what the next start would set."""
    assert embedded_server(replace(settings, home=settings.home / "none")).sites == 0
    engine = database(settings).engine()
    with engine.connect() as connection:
        for number in range(7):
            add_site(connection, f"further{number}")
        write_registry(connection, settings.site_registry)
        count = connection.scalar(text("select count(*) from ops.sites"))
        assert embedded_server(settings).sites == count >= 7
        short = next(each for each in doctor._readers(connection, is_embedded=True) if "sites" in each.what)
        assert (short.ok, "footfall down" in short.fix) == (False, True)
        connection.rollback()
    engine.dispose()


def found(settings, connection):
    return next(each for each in doctor._readers(connection, is_embedded=False) if "stay for the steps" in each.what)


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
