"""How a death is noticed, and when what died is started again."""

import threading
from itertools import pairwise

import pytest

from footfall.stack import keeper
from footfall.stack.keeper import MOST_DEATHS, Kept, watch
from runtime.processes import ProcessError
from tests.support.processes import start_elsewhere


@pytest.fixture
def started(tmp_path):
    """What is never there when it is looked at, and when it was started: at each look of a second."""
    times = []
    kept = Kept("thing", lambda: None, lambda: times.append(now), tmp_path / "log")
    for now in range(1000, 1140):
        kept.look(now)
    return times


def test_it_is_started_at_once_and_then_after_pauses_twice_as_long_up_to_a_minute(started):
    assert [later - earlier for earlier, later in pairwise(started)] == [2, 4, 8, 16, 32, 61]


def test_a_death_after_a_minute_is_a_first_one(tmp_path):
    alive = [True]
    kept = Kept("thing", lambda: 1 if alive[0] else None, lambda: None, tmp_path / "log", deaths=3, started_at=100)
    assert not kept.look(161)
    alive[0] = False
    assert kept.look(162)
    assert kept.deaths == 1


def test_one_that_cannot_run_ends_the_keeper_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "LONGEST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(keeper, "LOOK_EVERY_SECONDS", 0.05)

    def start():
        return start_elsewhere("thing", tmp_path, "sh", "-c", "echo no licence; exit 3")

    process, reports = start(), []
    kept = Kept("thing", lambda: process.pid, start, process.log)
    with pytest.raises(ProcessError, match=rf"(?s)thing died {MOST_DEATHS} times in a row.*no licence"):
        watch([kept], threading.Event(), lambda title, text: reports.append(title), gives_up=True)
    assert reports == ["Footfall: thing died and is started again"]


def test_one_that_cannot_run_is_reported_once_and_tried_on(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "LONGEST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(keeper, "LOOK_EVERY_SECONDS", 0.05)
    ended, reports, starts = threading.Event(), [], []

    def start():
        starts.append(1)
        if len(starts) > MOST_DEATHS + 2:
            ended.set()

    watch([Kept("thing", lambda: None, start, tmp_path / "log")], ended, lambda title, text: reports.append(title))
    assert reports == [
        "Footfall: thing died and is started again",
        f"Footfall: thing died {MOST_DEATHS} times in a row",
    ]
