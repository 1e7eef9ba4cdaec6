"""`footfall load --follow`: an acknowledged event is in the live views soon, whatever the database does meanwhile."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.ingestion.running_collector import make_event, wait_until
from warehouse.access.sites import rotate_key, write_registry

PATIENCE_SECONDS = 60
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def post(installation, start_collector):
    """Post a page view of a device to a collector that seals nothing by itself."""
    with installation.engine.begin() as connection:
        key = rotate_key(connection, "shop")
        installation.settings.home.mkdir(parents=True, exist_ok=True)
        write_registry(connection, installation.settings.site_registry)
    collector = start_collector(home=installation.settings.home, segment_seconds=3600)
    collector.client.headers["user-agent"] = BROWSER  # The client's own is known as a bot's.

    def post(device):
        assert collector.post(make_event(anonymous_id=device), key=key).status_code == 202

    return post


@pytest.fixture
def follower(installation, tmp_path):
    """The command, running, and what it says."""
    log = tmp_path / "follower.log"
    url = installation.database.administrator.render_as_string(hide_password=False)
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "footfall", "load", "--follow"],
            env=os.environ
            | {"FOOTFALL_HOME": str(installation.settings.home), "FOOTFALL_DATABASE_URL": url, "NO_COLOR": "1"},
            cwd=PROJECT,
            stdout=said,
            stderr=said,
        )
    wait_until(lambda: "following" in log.read_text(), PATIENCE_SECONDS)
    yield process, log
    if process.poll() is None:
        process.kill()
        process.wait()


def is_visible(installation, device):
    return bool(
        rows(installation.engine, "select 1 from live.active_sessions where visitor_id = :device", device=device)
    )


@contextmanager
def no_connections(engine):
    """The database ends every connection and takes no new one."""
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    name = engine.url.database
    with admin.connect() as connection:
        connection.execute(text(f"alter database {name} with allow_connections false"))
        connection.execute(text(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"))
        yield
        connection.execute(text(f"alter database {name} with allow_connections true"))
    admin.dispose()


def test_a_posted_event_is_soon_in_the_live_views(installation, post, follower):
    post("d1")
    wait_until(lambda: is_visible(installation, "d1"), PATIENCE_SECONDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_follower_stops_when_asked(follower, number):
    process, log = follower
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert log.read_text().endswith("stopped\n")


def test_a_follower_waits_for_a_database_that_went_away(installation, post, follower):
    process, log = follower
    post("before")
    wait_until(lambda: is_visible(installation, "before"), PATIENCE_SECONDS)
    installation.dispose()
    with no_connections(installation.engine):
        post("meanwhile")
        wait_until(lambda: "the database does not answer" in log.read_text(), PATIENCE_SECONDS)
    wait_until(lambda: is_visible(installation, "meanwhile"), PATIENCE_SECONDS)
    wait_until(lambda: "the database answers again" in log.read_text(), PATIENCE_SECONDS)
    assert log.read_text().count("the database does not answer") == 1
    assert process.poll() is None
