"""Another server, whose administrator is no superuser: what is made there, by whom, and what the server's log says of it."""

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date

import pytest
from sqlalchemy import create_engine, text

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from footfall.privacy import remove_site
from footfall.privacy import requests as privacy
from footfall.privacy.purge import purge
from footfall.stack.stack import prepare_database
from runtime.settings import PROJECT, Settings
from tests.support.database import administer, rows
from tests.support.events import Landing, event
from tests.support.rights import deviations
from warehouse.access.server_rights import lacking
from warehouse.access.sites import add_site
from warehouse.postgres.connect import connect
from warehouse.postgres.database import database
from warehouse.postgres.locks import MARTS, exclusive
from warehouse.postgres.roles import Role, establish
from warehouse.postgres.server import EmbeddedServer
from warehouse.privacy.person import Subject
from warehouse.publication.redate import change_zone
from warehouse.tables.migrate import migrate

pytestmark = pytest.mark.xdist_group("administrator")

DATABASES = ("one", "two", "three")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that logs every statement, with an administrator who may create roles and owns some databases."""
    server = EmbeddedServer(tmp_path_factory.mktemp("another") / "postgres", wished_port=0)
    server.start()
    engine = create_engine(server.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("alter system set log_statement = 'all'"))
        connection.execute(text("alter system set fsync = off"))
        connection.execute(text("select pg_reload_conf()"))
        connection.execute(text("create role administrator login createrole password 'of the administrator'"))
        for name in DATABASES:
            connection.execute(text(f"create database {name} owner administrator"))
    engine.dispose()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def settings(server, tmp_path_factory):
    """Settings for each database; they share the passwords, as the databases share the server."""
    home = tmp_path_factory.mktemp("home") / "home"

    def of(name):
        url = server.url.set(username="administrator", password="of the administrator", database=name)
        return Settings(home, url.render_as_string(hide_password=False), segment_seconds=0.5)

    return of


def make_roles(settings):
    where = database(settings)
    engine = where.engine()
    migrate(engine)
    establish(engine, where.roles)
    engine.dispose()


def test_two_databases_of_a_server_make_the_roles_at_once(settings):
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        list(processes.map(make_roles, map(settings, ("one", "two"))))
    for name in ("one", "two"):
        where = database(settings(name))
        for role in where.roles:
            engine = where.engine(role)
            assert rows(engine, "select current_user") == [(role,)]
            engine.dispose()


def test_a_night_needs_no_superuser(settings):
    prepare_database(settings("three"))
    installation = open_installation(settings("three"))
    with installation.engine.begin() as connection:
        assert not connection.scalar(text("select rolsuper from pg_roles where rolname = current_user"))
        add_site(connection, "shop")
    Landing(installation.settings.landing).land(event("2026-11-02 10:00"), event("2026-11-02 10:01"))
    night.nightly(installation, say=lambda line: None)
    assert rows(installation.engine, "select site_id, page_view_count from marts.sessions") == [("shop", 2)]
    with installation.engine.connect() as connection:
        assert deviations(connection) == []
    prepare_database(settings("three"))
    installation.dispose()


def test_a_site_changes_its_zone_and_goes_without_a_superuser(settings):
    """Acts: after the night of before, a site of its own is published, moved, published again and removed."""
    prepare_database(settings("three"))
    with open_installation(settings("three")) as installation:
        with installation.engine.begin() as connection:
            add_site(connection, "moving")
        Landing(installation.settings.landing).land(event("2026-11-02 23:30"), site="moving")
        night.nightly(installation, say=lambda line: None)
        with installation.engine.begin() as connection:
            change_zone(connection, "moving", "Asia/Tokyo")
        night.nightly(installation, say=lambda line: None)
        found = "select event_date from marts.sessions where site_id = 'moving'"
        assert rows(installation.engine, found) == [(date(2026, 11, 3),)]
        remove_site.remove(installation, "moving", lambda line: None)
        assert rows(installation.engine, "select distinct site_id from marts.sessions") == [("shop",)]
        assert rows(installation.engine, "select site_id from ops.sites") == [("shop",)]


def test_a_purge_without_a_superuser_says_which_rights_it_lacks_and_needs_no_more(server, settings):
    """Acts: an erasure and a purge; the rights to see sessions; those to renew the write-ahead log."""
    prepare_database(settings("three"))
    with open_installation(settings("three")) as installation:
        asked = privacy.request(installation, "erase", Subject("shop", "device", "d1"))
        privacy.carry_out(installation, asked, lambda line: None)
        once = {"say": lambda line: None, "rounds": 1}
        lacks = [each for each in purge(installation, **once).left if "write-ahead" not in each]
        *tables, statistics = lacks
        assert all("grant pg_monitor" in each for each in tables)
        assert statistics == "pg_catalog.pg_statistic: comes after all tables"
        administer(server.url, "grant pg_monitor to administrator")
        purged = purge(installation, **once)
        assert purged.seconds.keys() >= {"marts.sessions", "pg_catalog.pg_statistic"}
        assert [each.split(":")[0] for each in purged.left] == ["write-ahead log"]
        administer(
            server.url.set(database="three"),
            "grant pg_checkpoint to administrator",
            "grant alter system on parameter wal_recycle to administrator",
        )
        superuser = create_engine(server.url.set(database="three"), isolation_level="AUTOCOMMIT")
        with superuser.connect() as connection:
            connection.execute(text("grant execute on function pg_switch_wal(), pg_reload_conf() to administrator"))
        superuser.dispose()
        purged = purge(installation, **once)
        assert (purged.left, purged.requests) == ([], 1)


def test_what_the_documentation_gives_a_superuser_closes_all_that_is_open(server, settings):
    """Acts: what is open to readers there, the statements of docs/security.md, a start."""
    make_roles(settings("two"))
    engine = database(settings("two")).engine()
    with engine.connect() as connection:
        assert "any role may call" in lacking(connection)[0]
        assert "is not in pg_use_reserved_connections" in " ".join(lacking(connection))
    documented = (PROJECT / "docs" / "security.md").read_text().split("```sql\n")[1].split("```")[0]
    superuser = create_engine(server.url.set(database="two"))
    with superuser.begin() as connection:
        connection.exec_driver_sql(documented.replace("%", "%%"))
    superuser.dispose()
    make_roles(settings("two"))
    with engine.connect() as connection:
        assert lacking(connection) == []
        exclusive(connection, MARTS)
    with connect(database(settings("two")).roles[Role.ANALYST]) as reader:
        assert reader.execute("show temp_file_limit").fetchone() == ("1GB",)
    engine.dispose()


def test_what_is_granted_too_much_is_taken_back_and_what_fits_is_not_touched(settings):
    make_roles(settings("one"))
    where = database(settings("one"))
    engine = where.engine()
    state = "select xmin, relname, relacl::text from pg_class where relacl is not null order by relname"
    before = rows(engine, state)
    migrate(engine)
    assert rows(engine, state) == before
    with engine.begin() as connection:
        connection.execute(text("grant select on ops.site_keys to footfall_loader, public"))
        connection.execute(text("revoke select on ops.sites from footfall_loader"))
    migrate(engine)
    with engine.connect() as connection:
        assert deviations(connection) == []
    engine.dispose()


def test_passwords_are_in_no_log_and_in_no_output(server, settings):
    given = settings("three")
    environment = {"FOOTFALL_HOME": str(given.home), "FOOTFALL_DATABASE_URL": given.database_url}
    (given.home / "secrets" / "loader.password").unlink()  # It is made and set anew.
    said = ""
    token = (("token", "add", "reports", "--site", "shop"), ("token", "list"), ("token", "revoke", "reports"))
    for arguments in (("site", "analyst", "shop"), ("status",), ("site", "list"), *token):
        done = subprocess.run(
            [sys.executable, "-m", "footfall", *arguments],
            env=environment | {"NO_COLOR": "1", "COLUMNS": "160"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        said += done.stdout + done.stderr
    shown = next(line.strip() for line in said.splitlines() if line.startswith("  "))
    passwords = [path.read_text() for path in (given.home / "secrets").glob("*.password")]
    assert len(passwords) == len(Role)
    assert not [password for password in passwords if password in said]
    log = server.log.read_text()
    assert "alter role" in log
    assert not [password for password in (*passwords, shown) if password in log]
    assert not [path for path in given.logs.rglob("*") if any(password in path.read_text() for password in passwords)]
