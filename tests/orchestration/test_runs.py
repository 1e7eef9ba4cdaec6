"""Dagster as `footfall up` runs it, with its daemon, queue and run workers. After doubled, missed and killed runs marts
are those of one serial run, no run is left over, and the next one works."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import httpx
import psutil
import pytest
from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.installation import open_installation
from runtime.settings import Settings
from tests.support.command import footfall
from tests.support.database import copy_of, rows
from tests.support.events import Landing, event
from tests.support.installation import contents, share_passwords
from tests.support.nights import DBT_AT_WORK, visits
from warehouse.access.sites import add_site
from warehouse.publication.slices import Slice

pytestmark = [pytest.mark.nights, pytest.mark.xdist_group("stack")]

LAUNCH = """mutation ($of: ExecutionParams!) { launchRun(executionParams: $of) {
    ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUNS = "{ runsOrError { ... on Runs { results { runId status parentRunId } } } }"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


@pytest.fixture(scope="module")
def installation(server_url, template, parsed_project, webhook, tmp_path_factory):
    """An installation with the whole stack running on ports of its own, and the site `shop`."""
    home = tmp_path_factory.mktemp("runs") / "home"
    share_passwords(home)
    with copy_of(server_url.set(database=template)) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "FOOTFALL_DATABASE_URL": url.render_as_string(hide_password=False),
            "FOOTFALL_COLLECTOR_PORT": "0",
            "FOOTFALL_COLLECTOR_PROCESSES": "1",
            "FOOTFALL_SERVING_PORT": "0",
            "FOOTFALL_DAGSTER_PORT": "0",
            "FOOTFALL_WEBHOOK_URL": webhook.url,
        }.items():
            patch.setenv(name, value)
        installation = open_installation(Settings(home=home, database_url=os.environ["FOOTFALL_DATABASE_URL"]))
        shutil.copytree(parsed_project, installation.settings.dbt_target)
        with installation.engine.begin() as connection:
            add_site(connection, "shop")
        assert up(installation).returncode == 0
        yield installation
        footfall(home, "down")
        installation.dispose()


def up(installation):
    return footfall(installation.settings.home, "up", "--detach")


def ask(installation, query, **variables):
    port = (installation.settings.home / "run" / "dagster.port").read_text().strip()
    answer = httpx.post(
        f"http://127.0.0.1:{port}/graphql", json={"query": query, "variables": variables}, timeout=30
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def launch(installation, day):
    """Launch the nightly job of that day (or day of November) as the page and the schedule do, and return the run's id."""
    day = day if isinstance(day, date) else date(2026, 11, day)
    of = {
        "selector": {"repositoryLocationName": "footfall", "repositoryName": "__repository__", "jobName": "nightly"},
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": day.isoformat()}]},
    }
    return ask(installation, LAUNCH, of=of)["launchRun"]["run"]["runId"]


def status(installation):
    """The status of every run, by id."""
    return {run["runId"]: run["status"] for run in ask(installation, RUNS)["runsOrError"]["results"]}


def retry_of(installation, run_id):
    """The run that was started again for one that was killed, if by now there is one."""
    return next(
        (run["runId"] for run in ask(installation, RUNS)["runsOrError"]["results"] if run["parentRunId"] == run_id),
        None,
    )


def wait_for(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)
    return found


def wait_for_all_runs(installation):
    wait_for(lambda: set(status(installation).values()) <= ENDED)


def start(installation, *arguments):
    """`footfall …`, started."""
    return subprocess.Popen(
        [sys.executable, "-m", "footfall", *arguments],
        env=os.environ | {"FOOTFALL_HOME": str(installation.settings.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint


def processes(installation, *words):
    """The processes of this installation whose command line has one of the words."""
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            if process.environ().get("FOOTFALL_HOME") == str(installation.settings.home) and any(
                w in command for w in words
            ):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def kill(processes):
    for process in processes:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(processes, timeout=30)


@contextmanager
def held_up_in_publish(installation):
    """The publishing process has replaced all rows and waits before the end."""
    with installation.engine.connect() as connection:
        connection.execute(text("lock table ops.publication_marts in share mode"))
        yield
        connection.rollback()


def publisher_waits(installation):
    return rows(
        installation.engine, "select 1 from pg_locks where not granted and relation = 'ops.publication_marts'::regclass"
    )


def assert_as_one_serial_run(installation, first, last):
    """What is published is what one rebuild of everything publishes, and no day is left dirty."""
    assert rows(installation.engine, "select * from ops.dirty_days") == []
    published = contents(installation)
    night.rebuild(installation, Slice(date(2026, 11, first), date(2026, 11, last)), say=lambda line: None)
    assert contents(installation) == published


def test_a_double_tick_a_killed_worker_and_a_manual_night_at_once_end_as_one_run(installation):
    landing = Landing(installation.settings.landing)
    landing.land(*visits(2), *visits(3), event("2026-11-02 23:50"), event("2026-11-03 00:10"))
    killed, twin = launch(installation, 3), launch(installation, 3)
    wait_for(lambda: rows(installation.engine, DBT_AT_WORK))
    by_hand = start(installation, "nightly")
    kill(processes(installation, "spawn_main"))
    retry = wait_for(lambda: retry_of(installation, killed))
    finish(by_hand)
    wait_for_all_runs(installation)
    found = status(installation)
    assert [found[run] for run in (killed, twin, retry)] == ["FAILURE", "SUCCESS", "SUCCESS"]
    assert rows(installation.engine, "select count(*), sum(session_count) from marts.daily_stats") == [(2, 7)]
    assert_as_one_serial_run(installation, 2, 3)


def test_a_run_of_a_day_that_is_not_over_says_so_and_doctor_says_how_the_night_ended(installation):
    """Acts: a run of today, a run of a day that is over."""
    home, today = installation.settings.home, datetime.now(UTC).date()
    run = launch(installation, today)
    wait_for_all_runs(installation)
    assert status(installation)[run] == "FAILURE"
    said = " ".join(footfall(home, "doctor").stdout.split())
    assert "✗ the last night in Dagster succeeded" in said
    assert f"the night of {today} failed at" in said
    assert f"{today} is no day for a night in Dagster: the newest is {today - timedelta(days=1)}" in said
    run = launch(installation, today - timedelta(days=1))
    wait_for_all_runs(installation)
    assert status(installation)[run] == "SUCCESS"
    assert "✓ the last night in Dagster succeeded" in footfall(home, "doctor").stdout


def test_when_all_of_dagster_is_killed_in_mid_publish_and_misses_a_tick_the_next_one_makes_up_for_it(
    installation, webhook
):
    """Acts: a run held up in publish, Dagster killed, Dagster started again, the next tick."""
    landing = Landing(installation.settings.landing)
    landing.land(*visits(4), event("2026-11-03 12:00", device="late"))
    before = contents(installation)
    with held_up_in_publish(installation):
        launch(installation, 4)
        wait_for(lambda: publisher_waits(installation))
        (killed,) = [run for run, how in status(installation).items() if how == "STARTED"]
        by_hand = start(installation, "rebuild", "--days", "2026-11-03..2026-11-04")
        kill(processes(installation, "dagster", "spawn_main"))
        assert contents(installation) == before
    landing.land(*visits(5))
    finish(by_hand)
    assert up(installation).returncode == 0
    next_tick = launch(installation, 6)
    wait_for_all_runs(installation)
    assert (status(installation)[killed], status(installation)[next_tick]) == ("FAILURE", "SUCCESS")
    assert rows(installation.engine, "select event_date::text from marts.daily_stats order by 1") == [
        (f"2026-11-{day:02}",) for day in range(2, 6)
    ]
    assert_as_one_serial_run(installation, 2, 5)
    wait_for(lambda: any(killed in alarm["text"] for alarm in webhook.got))
