"""A life of the installed wheel, in a folder that names its own things as our packages are named, with an empty HOME."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from footfall.service.units import TARGET, units
from footfall.stack.processes import KEEPER, collector_url, dagster_url, processes, serving_url
from runtime.settings import PROJECT, load_settings
from tests.support.ingestion.running_collector import wait_until
from tests.support.marts.own_models import write_models
from tests.support.package.systemd import ENVIRONMENT, booted
from tests.support.package.wheel import install

pytestmark = [pytest.mark.nights, pytest.mark.xdist_group("installed")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    made = install(tmp_path_factory.mktemp("life"))
    for name in ("footfall", "ingestion", "orchestration", "runtime", "serving", "warehouse"):
        (made.folder / name).mkdir()
        (made.folder / name / "__init__.py").write_text("raise SystemExit('a module of another program')")
    write_models(made.folder / "models")
    (made.folder / "footfall.toml").write_text('models_path = "models"\n')
    yield made
    made.run("down")
    assert of(made) == []


def of(installed):
    """All processes of the installation."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(installed.folder)):
                found.append((process.pid, process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def settings_of(installed):
    return load_settings({}, installed.folder)


def test_a_demo_a_night_questions_metrics_documentation_and_ones_own_mart(installed):
    """Acts: a demo of one day, a night, and each way to read. Nothing is written beside the code, or into HOME."""
    before = code(installed)
    assert "published" in installed.run("demo", "--days", "1", "--events", "400")
    assert "nothing to publish" in installed.run("nightly")
    assert "shop" in installed.run("ask", "summary", "--days", "3")
    assert "sessions" in installed.run("metrics", "query", "--metrics", "sessions")
    assert int(installed.run("psql", "-At", "-c", "select count(*) from visits_of_mine")) > 0
    page = re.search(r"Page: (.+)", installed.run("docs", "--no-serve"))[1]
    assert page.startswith(str(installed.folder / ".footfall"))
    assert "✗" not in installed.run("doctor")
    installed.run("down")
    assert code(installed) == before
    assert [path for path in installed.home.rglob("*") if path.is_file()] == []


def test_systemd_starts_all_parts_with_the_machine_and_again_when_they_die(installed, tmp_path):
    """Acts: installed, healthy as compose.yaml asks it, `up` and `down`, a part killed, a new start of all, removed."""
    settings, log = settings_of(installed), tmp_path / "log"
    collector = processes(settings)["collector"]

    def all_work():
        wait_until(lambda: all(is_healthy(installed, check) for check in health_checks()), 120)
        return {name: process.pid for name, process in processes(settings).items() if name != KEEPER}

    with booted(installed.home, log) as manager:
        said = installed.run("service", "install", "--user", inside=manager.inside, **ENVIRONMENT)
        assert "They run" in said
        assert None not in all_work().values()
        assert "✗" not in installed.run("doctor")
        for command in ("up", "down"):
            with pytest.raises(AssertionError, match="kept by another program"):
                installed.run(command)
        killed = collector.pid
        psutil.Process(killed).kill()
        wait_until(lambda: collector.pid not in (None, killed), 30)
        states = installed.run("service", "status", "--user", inside=manager.inside, **ENVIRONMENT)
        assert re.search(r"footfall-collector\.service +active \(running\) +1\b", states), states
    assert of(installed) == []
    with booted(installed.home, log) as manager:
        assert None not in all_work().values()
        installed.run("service", "remove", "--user", inside=manager.inside, **ENVIRONMENT)
        assert of(installed) == []


def test_containers_run_the_parts_that_units_run(installed):
    made = {*units(settings_of(installed), installed.folder, is_users=True)} - {TARGET}
    commands = [service["command"] for service in composed().values() if service["image"] == "footfall"]
    assert {f"footfall-{part}.service" for _, part in commands} == made
    assert {word for word, _ in commands} == {"run"}


def test_up_in_the_foreground_starts_again_what_dies_and_ends_with_all_it_started(installed, tmp_path):
    log = tmp_path / "log"
    up = installed.start("up", log=log)
    wait_until(lambda: "Ctrl-C" in log.read_text(), 120)
    collector = processes(settings_of(installed))["collector"]
    killed = collector.pid
    psutil.Process(killed).kill()
    wait_until(lambda: collector.pid not in (None, killed), 30)
    wait_until(lambda: "collector died and is started again" in log.read_text())
    up.send_signal(signal.SIGTERM)
    assert up.wait(90) == 0, log.read_text()
    assert of(installed) == []


def code(installed):
    """The files of the environment, but those that Python makes of them, with the times of their last change."""
    files = (path for path in installed.packages.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return {path: path.stat().st_mtime_ns for path in files}


def is_healthy(installed, test):
    """Whether a check of a container passes, with the addresses here."""
    assert test[0] == "CMD"
    settings = settings_of(installed)
    here = {
        "http://127.0.0.1:8030": collector_url(settings),
        "http://127.0.0.1:8040": serving_url(settings),
        "http://127.0.0.1:3070": dagster_url(settings),
        "/var/lib/footfall": str(installed.folder),
    }
    words = test[1:]
    for there, address in here.items():
        words = [word.replace(there, address) for word in words]
    programs = f"{Path(installed.command).parent}:{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(words, env={"PATH": programs}, cwd=installed.folder, capture_output=True).returncode == 0


def health_checks():
    """The checks of all containers that have one, and are of our image."""
    ours = (service for service in composed().values() if service["image"] == "footfall")
    return [service["healthcheck"]["test"] for service in ours if "test" in service["healthcheck"]]


def composed():
    return yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]
