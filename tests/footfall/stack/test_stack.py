"""Everything at once, as a new user has it: up, traffic through the collector, a night, down."""

import json
import os
import re
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
import psutil
import pytest

from footfall.pipeline.installation import open_installation
from footfall.simulator.sites import TIMEZONES
from footfall.stack.doctor import Finding, examine
from footfall.stack.processes import KEEPER, collector_url, processes, serving_url
from footfall.stack.simulation import last_day
from footfall.stack.status import running
from runtime.settings import Settings
from tests.support.browser.devtools import Browser
from tests.support.browser.look import Look
from tests.support.browser.screen import screen
from tests.support.browser.website import BODY, PAGE, Answer, website
from tests.support.command import footfall
from tests.support.database import rows
from tests.support.ingestion.running_collector import make_event, wait_until
from tests.support.installation import contents
from tests.support.marts import comparison
from tests.support.marts.truth import differences
from tests.support.serving.tokens import new
from tests.support.traffic import accepted
from warehouse.access.sites import add_site, write_registry
from warehouse.postgres.database import embedded_server

pytestmark = [pytest.mark.nights, pytest.mark.xdist_group("stack")]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
TRAFFIC = (3, 6000, 7, last_day())
"""Three days: one night for all of them."""
AS_ARGUMENTS = ("--days", "3", "--events", "6000", "--seed", "7", "--until", TRAFFIC[-1].isoformat())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with the whole stack running on ports of its own."""
    folder = tmp_path_factory.mktemp("stack")
    yield folder
    footfall(folder, "down")
    assert not [process for process in psutil.process_iter() if _belongs_to(process, folder)]


@pytest.fixture(scope="module")
def up(home):
    """The stack, up."""
    done = footfall(
        home,
        "up",
        "--detach",
        FOOTFALL_POSTGRES_PORT="0",
        FOOTFALL_COLLECTOR_PORT="0",
        FOOTFALL_SERVING_PORT="0",
        FOOTFALL_DAGSTER_PORT="0",
    )
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def installation(up):
    with open_installation(Settings(home=up)) as installation:
        yield installation


def test_starting_again_changes_nothing(up):
    before = (up / "run" / "collector.json").read_text()
    assert footfall(up, "up", "--detach").returncode == 0
    assert (up / "run" / "collector.json").read_text() == before


def test_a_running_stack_is_healthy(up):
    examined = footfall(up, "doctor")
    assert examined.returncode == 0, examined.stdout
    shown = footfall(up, "status").stdout
    assert len(re.findall(r"running", shown)) == 8


def test_everything_listens_on_loopback_only_and_the_home_is_closed(up):
    listening = {
        tuple(socket.laddr)
        for process in psutil.process_iter()
        if _belongs_to(process, up)
        for socket in process.net_connections()
        if socket.status == psutil.CONN_LISTEN
    }
    assert {address for address, _ in listening} == {"127.0.0.1"}
    assert len(listening) >= 3
    assert up.stat().st_mode & 0o077 == 0


def test_what_is_published_is_what_the_simulator_and_the_oracle_say(up, installation, tmp_path):
    """Acts: traffic, a night, its marts beside both opinions, a second night."""
    truth = tmp_path / "truth.json"
    sent = footfall(up, "simulate", *AS_ARGUMENTS, "--truth", str(truth))
    assert sent.returncode == 0, sent.stderr
    ran = footfall(up, "nightly")
    assert ran.returncode == 0, ran.stderr
    # The collector counted the events of each request.
    places = {
        (site, event): place
        for site, event, place in rows(installation.engine, "select site_id, event_id, sequence from raw.events")
    }
    assert None not in places.values()
    sent_events = [
        each | {"sequence": places[each["site_id"], each["event_id"]]} for each in accepted(*TRAFFIC, ip="127.0.0.1")
    ]
    found = comparison.differences(installation, sent_events, TIMEZONES)
    assert not found, found
    known = json.loads(truth.read_text())["marts"]
    assert differences(known, {mart: comparison.published(installation, mart) for mart in known}) == {}
    published = contents(installation)
    assert "nothing to publish" in footfall(up, "nightly").stdout
    assert contents(installation) == published


def test_the_same_traffic_again_makes_duplicates_only(up, installation):
    """Acts: the same traffic once more, a night."""
    published, before = contents(installation), _counted(installation)
    footfall(up, "simulate", *AS_ARGUMENTS)
    footfall(up, "nightly")
    after = _counted(installation)
    assert (after.loaded, after.rejected) == (before.loaded, before.rejected)
    assert after.duplicate - before.duplicate == after.lines - before.lines > Decimal(0)
    assert contents(installation) == published
    assert after.lines == after.loaded + after.duplicate + after.rejected


class Counted(NamedTuple):
    lines: Decimal
    loaded: Decimal
    duplicate: Decimal
    rejected: Decimal


def _counted(installation):
    """The lines of all landed files, by what became of them: the follower loads them as well as a night."""
    (counted,) = rows(
        installation.engine,
        """
        select sum(line_count) as lines, sum(loaded_count) as loaded, sum(duplicate_count) as duplicate,
            sum(rejected_count) as rejected
        from ops.landed_files
        """,
    )
    return Counted(*counted)


def _belongs_to(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.pid != os.getpid() and (
            str(folder) in " ".join(process.cmdline()) or process.environ().get("FOOTFALL_HOME") == str(folder)
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def test_an_acknowledged_event_is_in_the_live_views_within_two_seconds(installation):
    with installation.engine.begin() as connection:
        key = add_site(connection, "followed")
        write_registry(connection, installation.settings.site_registry)
    took = [_seconds_to_live(installation, key, f"device {number}") for number in range(5)]
    assert median(took) < 2, took


def test_a_click_shows_on_the_live_page_of_another_window_within_two_seconds(installation, size, tmp_path):
    with installation.engine.begin() as connection:
        key = add_site(connection, "clicked")
        write_registry(connection, installation.settings.site_registry)
    token, serving = new(installation, "watch", "clicked"), serving_url(installation.settings)
    collector, asked = collector_url(installation.settings), {"Authorization": f"Bearer {token}"}
    wait_until(lambda: httpx.get(f"{serving}/v1/sites/clicked/live", headers=asked).is_success)
    with website(collector) as pages, screen() as display, Browser(display, tmp_path / "profile") as browser:
        script = f'<script src="{collector}/tracker.js" data-key="{key}"></script>'
        pages.defaults["clicked"] = Answer(PAGE.format(title="Shop", head=script, body=BODY))
        live, shop = Look(browser), Look(browser).tab
        live.keep(serving, "footfall", token)
        live.at(f"{serving}/sites/clicked/live")
        shop.go(f"http://clicked.localhost:{pages.port}/")
        took = []
        for number in range(size(5, 20)):
            # A person reads what they opened, and clicks at any part of the second in which the live page is read once.
            time.sleep(1 + number % 4 / 4)
            shop.run(f"document.querySelector('nav a').href = '/page-{number}'")
            began = time.monotonic()
            shop.click("nav a")
            live.tab.wait_for(f"document.querySelector('#events tbody').textContent.includes('/page-{number}')")
            took.append(time.monotonic() - began)
            shop.loaded()
        assert live.logged() == []
    print("seconds from a click to the live page:", *(f"{seconds:.2f}" for seconds in took))
    assert median(took) < 2, took


def test_whatever_dies_is_missed_started_again_and_reported(up):
    """Acts: all processes and PostgreSQL are killed at once, all come back, the stack is healthy."""
    settings = Settings(home=up)
    running_now = {name: process for name, process in processes(settings).items() if name != KEEPER}
    running_now["PostgreSQL"] = embedded_server(settings)
    killed = {name: process.pid for name, process in running_now.items()}
    # With their children: Dagster's servers of code outlive who started them by half a minute.
    families = [[process, *process.children(recursive=True)] for process in map(psutil.Process, killed.values())]
    for process in (member for family in families for member in family):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: ("follower", True) in [(row[0], row[2] == "stopped") for row in running(settings)])
    wait_until(lambda: all(each.pid not in (None, killed[name]) for name, each in running_now.items()), 90)
    wait_until(lambda: [finding for finding in examine(settings) if not finding.ok] == [], 90)
    said = processes(settings)[KEEPER].log.read_text()
    assert {name for name in killed if f"{name} died and is started again" in said} == {*killed}


def test_a_keeper_that_died_is_missed_and_up_starts_it_again(up):
    keeper = processes(Settings(home=up))[KEEPER]
    psutil.Process(keeper.pid).kill()
    wait_until(lambda: not keeper.pid)
    assert "keeper runs" in [finding.what for finding in examine(Settings(home=up)) if not finding.ok]
    assert footfall(up, "up", "--detach").returncode == 0
    assert Finding(True, "keeper runs") in examine(Settings(home=up))


def _seconds_to_live(installation, key, device):
    """Post a page view as soon as the collector knows the key, and return the time from its answer to the view."""
    address = f"{collector_url(installation.settings)}/v1/events?key={key}"
    headers = {"user-agent": BROWSER}

    def is_taken():
        events = {"events": [make_event(anonymous_id=device)]}
        return httpx.post(address, json=events, headers=headers, trust_env=False).status_code == 202

    wait_until(is_taken)
    taken_at = time.monotonic()
    shown = "select 1 from live.active_sessions where visitor_id = :device"
    wait_until(lambda: rows(installation.engine, shown, device=device))
    return time.monotonic() - taken_at
