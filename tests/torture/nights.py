"""Nights and loads as processes of their own, killed at a random moment or at a named place."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

from footfall.pipeline.installation import Installation
from runtime.settings import PROJECT

STEPS = {"load": None, "build": "loaded", "check": "built", "publish": "checked"}
"""Each step of a night, and what the night says when it comes to it."""
_PATIENCE_SECONDS = 600


def start(installation: Installation, command: str, fault: str | None = None) -> subprocess.Popen[str]:
    """`footfall <command>`."""
    given = {
        "FOOTFALL_HOME": str(installation.settings.home),
        "FOOTFALL_SEGMENT_SECONDS": str(installation.settings.segment_seconds),
    }
    if installation.settings.database_url:
        given["FOOTFALL_DATABASE_URL"] = installation.settings.database_url
    if fault:
        given["FOOTFALL_FAIL_AT"] = fault
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "footfall", command],
        cwd=PROJECT,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it complained of."""
    _, complaint = process.communicate(timeout=_PATIENCE_SECONDS)
    return process.returncode, complaint


class Nights:
    """Nights, whose `kills` are counted by step, and loads beside them. `failures` are of those that were not killed."""

    def __init__(self, installation: Installation, chance: random.Random) -> None:
        self._here, self._chance = installation, chance
        self.kills: Counter[str] = Counter()
        self.load_kills = 0
        self.failures: list[str] = []
        self._seconds = dict.fromkeys(STEPS, 2.0)

    def torment(self, nights: int, is_over: Callable[[], bool]) -> None:
        """Kill that many nights, step by step; some end before they are killed."""
        while self.kills.total() < nights and not is_over():
            step = list(STEPS)[self.kills.total() % len(STEPS)]
            process = start(self._here, "nightly")
            if self._wait_for(process, step):
                time.sleep(self._chance.random() * self._seconds[step])
            self.kills[step] += self._kill(process)

    def torment_loads(self, is_over: Callable[[], bool]) -> None:
        """Kill loads beside them."""
        while not is_over():
            process = start(self._here, "load")
            time.sleep(1 + 2 * self._chance.random())
            self.load_kills += self._kill(process)

    def _wait_for(self, process: subprocess.Popen[str], step: str) -> bool:
        """Read what it says until it comes to the step, and learn how long each takes."""
        assert process.stdout
        began, comes_to = time.monotonic(), {said: name for name, said in STEPS.items() if said}
        at = "load"
        while at != step and (line := process.stdout.readline()):
            if next_step := comes_to.get(line.split()[0] if line.split() else ""):
                self._seconds[at], began, at = time.monotonic() - began, time.monotonic(), next_step
        return at == step

    def _kill(self, process: subprocess.Popen[str]) -> bool:
        """Kill it if it still runs; whether it did. One that failed by itself is remembered."""
        process.kill()
        code, complaint = finish(process)
        if code > 0:
            self.failures.append(f"{process.args} ended with {code}, unkilled: {complaint.strip()[-600:]}")
        return code == -signal.SIGKILL
