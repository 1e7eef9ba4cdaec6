"""Long-running processes: started detached, known by a file, stopped by their own id and no other.

What runs is decided in `footfall.stack.processes`.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from runtime.birth import birth_of
from runtime.environment import without_foreign
from runtime.errors import FootfallError


class ProcessError(FootfallError):
    """A process that did not start, with the last lines it wrote."""


@dataclass(frozen=True)
class Process:
    """One process of ours, running or not."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    """Where the file with its id lies."""
    log: Path
    """Where its output goes."""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs. A recycled id is not mistaken for it."""
        running = self._process()
        return running.pid if running else None

    def start(self) -> None:
        """Start it in a session of its own. Does nothing when it runs."""
        if self.pid:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                self.command,
                env={**without_foreign(os.environ), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._write(started.pid)

    def take_place(self) -> None:
        """Let this very process be it, in the foreground of another program: a terminal, systemd, a container.

        Raises:
            ProcessError: it runs already.
        """
        if pid := self.pid:
            raise ProcessError(f"{self.name} runs already, pid {pid}; end that one first")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(os.getpid(), in_foreground=True)

    def leave_place(self) -> None:
        """Let this very process be it no more."""
        self._file.unlink(missing_ok=True)

    @property
    def is_in_foreground(self) -> bool:
        """Whether it runs, and another program started it: a terminal, systemd, a container."""
        return bool(self.pid) and bool(self._known().get("in_foreground"))

    def stop(self, patience_seconds: float = 30, with_children: bool = True) -> None:
        """Ask it to end, then those of its children that still run; kill what does not end. May run twice.

        Dagster's servers of code outlive who started them by half a minute unless they are asked.
        """
        running = self._process()
        if running:
            family = [running, *(running.children(recursive=True) if with_children else ())]
            for asked in ([running], family):
                for process in asked:
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGTERM)
                _wait_for(asked, patience_seconds)
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._file.unlink(missing_ok=True)

    def wait_until(self, is_ready: Callable[[], bool], patience_seconds: float = 60) -> None:
        """Wait until `is_ready` returns true.

        Raises:
            ProcessError: it ended, or is not ready in time.
        """
        deadline = time.monotonic() + patience_seconds
        while not (self.pid and is_ready()):
            pid = self.pid
            if not pid or time.monotonic() > deadline:
                outcome = f"runs, pid {pid}, but does not answer" if pid else "did not start"
                raise ProcessError(f"{self.name} {outcome}. Look into {self.log}, which ends:\n{last_lines(self.log)}")
            time.sleep(0.1)

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.name}.json"

    def _write(self, pid: int, in_foreground: bool = False) -> None:
        self._file.write_text(json.dumps({"pid": pid, "born": birth_of(pid), "in_foreground": in_foreground}))

    def _process(self) -> psutil.Process | None:
        if not (known := self._known()):
            return None
        try:
            process = psutil.Process(known["pid"])
            if "born" in known:
                return process if birth_of(process.pid) == known["born"] else None
            # Written by a version that knew a process by the time of day of its start.
            return process if process.create_time() == known["created"] and birth_of(process.pid) else None
        except psutil.NoSuchProcess:
            return None

    def _known(self) -> dict[str, Any]:
        """Return what its file says; nothing where there is none, or half of one."""
        try:
            return dict(json.loads(self._file.read_text()))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}


def _wait_for(processes: Sequence[psutil.Process], seconds: float) -> None:
    """Wait until all have ended. Of what has ended the id may stay for seconds, until its parent, or init, looks."""
    deadline = time.monotonic() + seconds
    while not all(map(_has_ended, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process.wait(0)  # Of this process's own children nothing stays.


def _has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop_all(processes: Sequence[Process]) -> None:
    """Stop processes that do not need each other to end, all at once. May run twice."""
    with ThreadPoolExecutor(len(processes) or 1) as at_once:
        for stopping in [at_once.submit(process.stop) for process in processes]:
            stopping.result()


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log; an empty text where there is none."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""
