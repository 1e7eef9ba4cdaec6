"""Keep what runs running: start again what died, after longer and longer pauses. Starts nothing for the first time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from footfall.stack.processes import KEEPER, processes, should_run
from footfall.stack.stack import replace_keeper
from runtime.errors import FootfallError
from runtime.processes import ProcessError, last_lines
from runtime.settings import Settings
from warehouse.postgres.database import embedded_server

LOOK_EVERY_SECONDS = 0.5
SETTLED_SECONDS = 60
"""What has run for so long is stable: its next death is a first one."""
LONGEST_PAUSE_SECONDS = 60
MOST_DEATHS = 5
"""Deaths in a row after which a process is one that cannot run."""

Report = Callable[[str, str], None]
"""Takes title and text of what went wrong."""


@dataclass
class Kept:
    """A process that should run, and how often it died in a row."""

    name: str
    pid: Callable[[], int | None]
    start: Callable[[], None]
    log: Path
    deaths: int = 0
    started_at: float = float("-inf")
    due_at: float | None = None
    """When it is started again; None while it runs."""

    def look(self, now: float) -> bool:
        """Start it again if it is due. Return whether it has just died."""
        if self.due_at is not None:
            if now >= self.due_at:
                self._start(now)
            return False
        if self.pid():
            return False
        self.deaths = 1 if now - self.started_at > SETTLED_SECONDS else self.deaths + 1
        # The first time at once: what waits for it waits for seconds.
        self.due_at = now + min(LONGEST_PAUSE_SECONDS, 2 ** (self.deaths - 1) - 1)
        return True

    def _start(self, now: float) -> None:
        self.due_at, self.started_at = None, now
        try:
            self.start()
        except (FootfallError, OSError):
            return  # The next look counts it among its deaths; its log says why.


def keep(settings: Settings, ended: threading.Event, report: Report, gives_up: bool = False) -> None:
    """Start again what dies of an installation, until `ended`: see `watch`."""
    watch(_to_keep(settings), ended, report, gives_up)


def watch(kept: Sequence[Kept], ended: threading.Event, report: Report, gives_up: bool = False) -> None:
    """Start again what dies, until `ended`. Report first deaths, and what dies again and again.

    Raises:
        ProcessError: with `gives_up`, one that died again and again, with the end of its log.
    """
    while not ended.wait(LOOK_EVERY_SECONDS):
        for each in kept:
            if not each.look(time.monotonic()):
                continue
            # Its lines may name people: an alarm leaves the machine.
            why = f"Its log says why: {each.log}"
            if each.deaths == MOST_DEATHS:
                title = f"{each.name} died {MOST_DEATHS} times in a row"
                if gives_up:
                    raise ProcessError(f"{title}. Look into {each.log}, which ends:\n{last_lines(each.log)}")
                _apart(report, f"Footfall: {title}", why)
            elif each.deaths == 1:
                _apart(report, f"Footfall: {each.name} died and is started again", why)


def _apart(report: Report, title: str, text: str) -> None:
    """Report in a thread: it may wait for a database that is to be started here."""
    threading.Thread(target=report, args=(title, text), daemon=True).start()


@contextmanager
def in_foreground(settings: Settings) -> Iterator[None]:
    """Be the keeper of an installation, in the place of one that runs detached.

    Raises:
        ProcessError: one runs in the foreground already.
    """
    replace_keeper(settings)
    keeper = processes(settings)[KEEPER]
    keeper.take_place()
    try:
        yield
    finally:
        keeper.leave_place()


def _to_keep(settings: Settings) -> list[Kept]:
    server = embedded_server(settings)
    database = [Kept("PostgreSQL", lambda: server.pid, server.start, server.log)] if server else []
    return database + [
        Kept(name, partial(getattr, process, "pid"), process.start, process.log)
        for name, process in processes(settings).items()
        if name != KEEPER and should_run(name, settings)
    ]
