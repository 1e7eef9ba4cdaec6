"""Processes of an installation: what starts is stopped, with all that it started."""

import subprocess
import sys
import time

import psutil
import pytest

from runtime.birth import birth_of
from runtime.processes import Process, stop_all
from tests.support.ingestion.running_collector import wait_until
from tests.support.processes import start_elsewhere

OUTLIVED = """
cd "$0"
sh -c 'trap "touch asked; exit" TERM; touch ready; while true; do sleep 0.1; done' &
wait
"""
"""A program that ends when it is asked to, and does not ask the one that it started."""


@pytest.fixture
def process(tmp_path):
    return start_elsewhere("parent", tmp_path, "sh", "-c", OUTLIVED, tmp_path)


def test_what_outlives_a_process_that_is_stopped_is_asked_to_end_as_well(process, tmp_path):
    wait_until((tmp_path / "ready").exists)
    (child,) = [each for each in psutil.Process(process.pid).children() if each.name() == "sh"]
    process.stop()
    assert (tmp_path / "asked").exists()
    assert birth_of(child.pid) is None
    assert process.pid is None


def test_processes_that_take_their_time_to_end_are_stopped_at_once(tmp_path):
    """Three that end two seconds after they are asked to."""
    slow = "trap 'sleep 2; exit' TERM; touch $0; for n in $(seq 200); do sleep 0.1; done"
    started = [start_elsewhere(name, tmp_path, "sh", "-c", slow, tmp_path / f"{name}.works") for name in "abc"]
    for each in started:
        wait_until((tmp_path / f"{each.name}.works").exists)
    begun = time.monotonic()
    stop_all(started)
    assert [each.pid for each in started] == [None, None, None]
    assert time.monotonic() - begun < 5


def test_what_has_ended_is_not_waited_for_until_its_parent_looks(tmp_path):
    """A parent that starts it, stays, and never looks, as the first process of many a container."""
    start = (
        "import sys, time; from pathlib import Path; from runtime.processes import Process\n"
        "folder = Path(sys.argv[1]); Process('left', ['sleep', '600'], {}, folder / 'run', folder / 'log').start()\n"
        "print('started', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", start, tmp_path], stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"started\n"
        left = Process("left", ["sleep", "600"], {}, tmp_path / "run", tmp_path / "log")
        ended = psutil.Process(left.pid)
        begun = time.monotonic()
        left.stop()
        assert time.monotonic() - begun < 5
        assert ended.status() == psutil.STATUS_ZOMBIE
        parent.kill()
