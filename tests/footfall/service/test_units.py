"""Units of systemd: systemd itself finds them right, and they are written, enabled and removed where systemctl says."""

import os
import re
import subprocess
from pathlib import Path

import psutil
import pytest

from footfall.service.units import TARGET, UnitError, ready_home, units
from footfall.stack.processes import processes
from runtime.settings import Settings
from tests.support.command import footfall
from tests.support.ingestion.running_collector import wait_until
from tests.tools import program

NOBODY = 65534


@pytest.fixture
def folder(tmp_path):
    """A folder of a user who is not root, whose name systemd would read otherwise."""
    folder = tmp_path / '50% of "it" $HOME'
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def verify(made, place, *options):
    """What systemd has to say of units."""
    place.mkdir()
    for name, text in made.items():
        (place / name).write_text(text)
    done = subprocess.run(
        [program("systemd"), "verify", "--man=no", *options, *(place / name for name in made)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(place)},
        capture_output=True,
        text=True,
    )
    # This machine's name for no one is for what has no owner; a real folder has one.
    said = [line for line in done.stderr.splitlines() if "Special user nobody" not in line]
    return done.returncode, said


@pytest.mark.parametrize("url", [None, "postgresql://me@db.example/footfall"])
@pytest.mark.parametrize(("is_users", "options"), [(False, ()), (True, ("--user",))])
def test_systemd_finds_them_right(folder, tmp_path, url, is_users, options):
    settings = Settings(home=folder / ".footfall", database_url=url, backup_path=folder / "backups")
    made = units(settings, folder, is_users)
    assert len(made) == 8
    assert verify(made, tmp_path / "units", *options) == (0, [])


def test_systemd_is_asked_to_keep_limit_and_confine_them(folder):
    made = units(Settings(home=folder / ".footfall"), folder, is_users=False)
    for name, text in made.items():
        if name != TARGET:
            for setting in ("Restart=on-failure", "MemoryMax=", "TasksMax=", "LimitNOFILE=", "ProtectSystem=strict"):
                assert f"\n{setting}" in text, (name, setting)
            assert "PartOf=footfall.target" in text
    collector = made["footfall-collector.service"]
    assert "footfall-database" not in collector, "it takes events while the database is away"
    assert "Requires=footfall-database.service\nAfter=footfall-database.service" in made["footfall-serving.service"]


def test_backups_may_be_written_where_they_are_outside_the_home(folder):
    def written(**settings):
        made = units(Settings(home=folder / ".footfall", **settings), folder, is_users=False)
        return [line for line in made["footfall-dagster-daemon.service"].splitlines() if "ReadWritePaths" in line]

    assert len(written()) == 1
    assert written(backup_path=Path("/mnt/disk/footfall"))[1:] == ["ReadWritePaths=-/mnt/disk/footfall"]


def test_a_follower_that_is_not_wanted_has_no_unit(folder):
    made = units(Settings(home=folder / ".footfall", follow=False), folder, is_users=True)
    assert "footfall-follower.service" not in made
    assert "follower" not in made[TARGET]


@pytest.mark.skipif("os.geteuid() != 0", reason="only root makes units of the machine")
def test_nothing_runs_as_root_and_the_home_is_given_to_the_user_as_whom_it_runs(folder, tmp_path):
    with pytest.raises(UnitError, match="chown"):
        units(Settings(home=tmp_path / ".footfall"), tmp_path, is_users=False)
    settings = Settings(home=folder / ".footfall")
    ready_home(settings, folder, is_users=False)
    assert settings.home.stat().st_uid == NOBODY
    assert settings.home.stat().st_mode & 0o077 == 0


def test_they_are_shown_written_and_removed(tmp_path):
    """Acts: --print, install, status, remove, where no systemd runs yet, as in an image."""
    config, user = tmp_path / "config", {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_RUNTIME_DIR": "/nowhere"}
    shown = footfall(tmp_path / "home", "service", "install", "--user", "--print", **user).stdout
    assert re.findall(r"^# (footfall\S+)$", shown, re.MULTILINE)[0] == TARGET
    assert not config.exists()
    done = footfall(tmp_path / "home", "service", "install", "--user", **user)
    assert "start with the machine" in done.stdout, done.stderr
    placed = config / "systemd" / "user"
    assert (placed / "default.target.wants" / TARGET).resolve() == placed / TARGET
    assert "footfall-collector.service" in footfall(tmp_path / "home", "service", "status", "--user", **user).stdout
    assert footfall(tmp_path / "home", "service", "remove", "--user", **user).returncode == 0
    assert [path for path in config.rglob("*") if not path.is_dir()] == []
    assert "no units" in footfall(tmp_path / "home", "service", "remove", "--user", **user).stdout


def test_a_part_in_the_foreground_is_kept_by_who_started_it(tmp_path):
    """Acts: the command of the collector's unit, up and down beside it, the command again, and its end."""
    made = units(Settings(home=tmp_path), Path.cwd(), is_users=True)["footfall-collector.service"]
    command = re.search(r"ExecStart=(.*)", made)[1].split()
    environment = os.environ | {"FOOTFALL_HOME": str(tmp_path), "FOOTFALL_COLLECTOR_PORT": "0"}
    collector = processes(Settings(home=tmp_path))["collector"]
    with subprocess.Popen(command, env=environment) as running:
        wait_until(lambda: collector.pid == running.pid and psutil.Process(running.pid).children())
        for refused in ("up", "down"):
            assert "collector: started and kept by another program" in footfall(tmp_path, refused).stderr
        assert f"collector runs already, pid {running.pid}" in footfall(tmp_path, "run", "collector").stderr
        running.terminate()
        assert running.wait(30) == 0
    assert "no part of this name" in footfall(tmp_path, "run", "colector").stderr
