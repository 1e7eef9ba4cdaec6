"""The machine's clock is wrong for a while, under loads, nights and retention, and then right again: nothing is lost."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from footfall.pipeline.installation import open_installation
from runtime.settings import Settings
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.tools import program

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AGES = (0, 1, 2, 5, 30, 80)
BELIEVED = 3 * DAY


class Machine:
    """A home with a server of its own, and a clock that can be wrong."""

    def __init__(self, home):
        self.settings, self.step = Settings(home=home), timedelta()

    def now(self):
        return datetime.now(UTC) + self.step

    def set_clock(self, step):
        """Stop the server: the next command starts it with the other clock."""
        self.run("down")
        self.step = step

    def run(self, *arguments, code=0):
        clock = [program("faketime"), "-f", f"{self.step.total_seconds():+.0f}s"] if self.step else []
        done = subprocess.run(
            [*clock, sys.executable, "-m", "footfall", *arguments],
            env=os.environ | {"FOOTFALL_HOME": str(self.settings.home), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def land(self, *ages, prefix):
        moments = (self.now() - age * DAY - HOUR for age in ages)
        events = (event(at, f"{prefix}{age}", event_id=f"{prefix}{age}") for at, age in zip(moments, ages, strict=True))
        Landing(self.settings.landing).land(*events)

    def kept(self):
        """What was there before the clock was wrong: events, and published sessions."""
        with open_installation(self.settings) as installation:
            return [
                rows(installation.engine, f"select {column} from {table} where {column} like 'kept%' order by 1")
                for table, column in (("raw.events", "event_id"), ("marts.sessions", "visitor_id"))
            ]


@pytest.mark.nights
def test_a_clock_that_was_wrong_for_a_while_empties_nothing(tmp_path, size):
    for step in size((400 * DAY,), (-HOUR, DAY, 400 * DAY, -400 * DAY)):
        machine = Machine(tmp_path / f"{step.total_seconds():.0f}")
        try:
            go_wrong_and_right_again(machine, step)
        finally:
            machine.run("down")


def go_wrong_and_right_again(machine, step):
    """Acts: a day, a day with the wrong clock, a day with the right one again."""
    machine.run("site", "add", "shop")
    machine.land(*AGES, prefix="kept")
    machine.run("nightly")
    machine.run("retain")
    before = machine.kept()
    assert [len(found) for found in before] == [len(AGES)] * 2

    machine.set_clock(step)
    machine.land(0, prefix="wrong")
    machine.run("nightly")
    is_believed = abs(step) < BELIEVED
    said = machine.run("retain", code=0 if is_believed else 1)
    wrong, right = machine.now().date(), (machine.now() - step).date()
    assert is_believed or (f"today is {wrong} by the database's clock" in said and f"last ran on {right}" in said)
    assert machine.kept() == before

    machine.set_clock(timedelta())
    machine.land(0, prefix="after")
    machine.run("nightly")
    if step > BELIEVED:
        said = machine.run("retain", code=1)
        assert f"`footfall retention forget {wrong}`" in said
        ahead = (machine.now() + step - HOUR).date()
        assert re.search(f"days in the future +1 +{ahead}", machine.run("status"))
    if wrong > right:
        assert f"footfall retention forget {wrong}" in machine.run("doctor", code=1)
        machine.run("retention", "forget", str(wrong), "--yes")
    machine.run("retain")
    assert f"✓ today is {right}" in machine.run("doctor", code=1)
    assert machine.kept() == before
