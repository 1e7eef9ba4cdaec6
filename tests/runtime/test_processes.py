"""Processes of an installation: what starts is stopped, with all that it started."""

import time

import psutil
import pytest

from runtime.processes import stop_all
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
    assert not child.is_running()
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
