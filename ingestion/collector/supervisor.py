"""Start one collector process per core on one socket, replace processes that die, recover their segments.

It also seals finished segments: compression and checksum would take a sixth of a serving core.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ingestion.collector import worker
from ingestion.collector.http.counters import Counters, Row
from ingestion.landing.handover import hand_over, make_channel, take_over
from ingestion.landing.segment import Segment
from ingestion.landing.writer import recover, sealed_folder
from runtime.settings import Settings

_log = logging.getLogger(__name__)
_STOPS = {signal.SIGTERM, signal.SIGINT}
_AWAITED = _STOPS | {signal.SIGCHLD, signal.SIGALRM}
_SEAL_SECONDS = 0.1
_RECOVERY_SECONDS = 60.0
_GRACE_SECONDS = 20.0
_SHORTEST_LIFE_SECONDS = 1.0


class Supervisor:
    """The parent process. Serves no request itself."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings, self._listener = settings, listener
        self._process_count = settings.collector_processes or os.cpu_count() or 1
        self._counters = Counters(self._process_count + 1)
        self._counts: Row = self._counters.row(self._process_count)
        self._workers: dict[int, int] = {}
        self._started_at: dict[int, float] = {}
        self._alive_read, self._alive_write = os.pipe()
        self._finished, self._finish = make_channel()
        self._unsealed: deque[Segment] = deque()
        self._can_seal = True
        self._recovered_at = float("-inf")

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then let every process finish."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        signal.setitimer(signal.ITIMER_REAL, _SEAL_SECONDS, _SEAL_SECONDS)
        self._recover()
        for number in range(self._process_count):
            self._start(number)
        while signal.sigwait(_AWAITED) not in _STOPS:
            self._seal()
            dead = self._reap()
            for number in dead:
                _log.error("a collector process died and is replaced", extra={"worker": number})
                self._start(number)
            if dead or time.monotonic() - self._recovered_at > _RECOVERY_SECONDS:
                self._recover()
        self._stop()

    def _start(self, number: int) -> None:
        lived = time.monotonic() - self._started_at.get(number, float("-inf"))
        time.sleep(max(0.0, _SHORTEST_LIFE_SECONDS - lived))
        self._started_at[number] = time.monotonic()
        counts = self._counters.row(number)
        pid = os.fork()
        if pid:
            self._workers[pid] = number
            return
        status = 1
        try:
            os.close(self._alive_write)
            self._finished.close()
            for segment in self._unsealed:
                segment.release()
            worker.run(
                self._settings,
                number,
                self._process_count,
                self._listener,
                self._alive_read,
                partial(hand_over, self._finish),
                counts,
            )
            status = 0
        except Exception:
            _log.exception("a collector process failed")
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> list[int]:
        gone = []
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                gone.append(self._workers.pop(pid))
        return gone

    def _seal(self) -> None:
        """Seal the segments that workers have finished. A segment that cannot be sealed now is tried again."""
        self._unsealed.extend(take_over(self._finished))
        try:
            while self._unsealed:
                self._unsealed[0].seal(sealed_folder(self._settings.landing))
                self._unsealed.popleft()
                self._counts.add("segments_sealed_total")
            self._can_seal = True
        except OSError as error:
            if self._can_seal:
                _log.error("sealing failed", extra={"error": str(error)})
            self._can_seal = False

    def _recover(self) -> None:
        self._recovered_at = time.monotonic()
        try:
            found = recover(self._settings.landing)
        except OSError as error:
            _log.error("recovery failed and is tried again", extra={"error": str(error)})
            return
        self._counts.add("segments_recovered_total", found.segments_sealed)
        self._counts.add("torn_lines_total", found.torn_lines)
        self._counts.add("torn_bytes_total", found.torn_bytes)
        if found.segments_sealed or found.torn_lines:
            _log.warning("segments of dead processes recovered", extra=vars(found))

    def _stop(self) -> None:
        self._listener.close()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        while self._workers and time.monotonic() < deadline:
            time.sleep(0.02)
            self._seal()
            self._reap()
        self._signal(signal.SIGKILL)
        while self._workers:
            self._reap()
            time.sleep(0.01)
        self._seal()
        self._recover()

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Open the socket that all processes share.

    Raises:
        OSError: the address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048) as listener:
        listener.setblocking(False)
        yield listener
