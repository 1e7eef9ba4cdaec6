"""A process is known by what does not move: not by its id alone, and not by the time of day."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from runtime import birth
from runtime.birth import birth_of
from runtime.processes import ProcessError
from tests.support.processes import start_elsewhere


@pytest.fixture
def process(tmp_path):
    """A process that another one started, as `footfall up` does; it runs until the end of the test."""
    made = start_elsewhere("sleeper", tmp_path, "sleep", "600")
    yield made
    made.stop()


def test_a_clock_step_changes_no_process(process, monkeypatch):
    """Acts: the clock is set an hour back, as psutil sees it; a second start; a stop."""
    pid = process.pid
    moved = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: moved(self) - 3600)
    process.start()
    assert process.pid == pid
    process.stop()
    assert not psutil.pid_exists(pid) or birth_of(pid) is None


def test_a_recycled_id_is_another_process(process):
    file = process.folder / "sleeper.json"
    file.write_text(file.read_text().replace("/", "/1"))
    assert process.pid is None


def test_an_id_of_before_the_machine_started_again_is_another_process(process, monkeypatch):
    assert process.pid
    monkeypatch.setattr(birth, "_since_start", lambda pid: f"another-start/{birth_of.__name__}")
    assert process.pid is None


def test_a_process_of_an_older_version_is_known_by_its_time_of_day(process):
    pid = process.pid
    (process.folder / "sleeper.json").write_text(f'{{"pid": {pid}, "created": {psutil.Process(pid).create_time()!r}}}')
    assert process.pid == pid


def test_an_ended_process_has_no_birth_even_while_its_parent_has_not_waited():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + 10
    while birth_of(ended.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert birth_of(ended.pid) is None
    ended.wait()
    assert birth_of(ended.pid) is None


def test_a_stopped_process_runs_and_does_not_answer(process):
    os.kill(process.pid, signal.SIGSTOP)
    assert process.pid
    with pytest.raises(ProcessError, match=rf"runs, pid {process.pid}, but does not answer"):
        process.wait_until(lambda: False, patience_seconds=0.3)
    os.kill(process.pid, signal.SIGCONT)
