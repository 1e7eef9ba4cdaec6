"""A collector that is killed again and again and always comes back on its port."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable

from runtime.settings import Settings
from tests.support.ingestion.running_collector import RunningCollector, is_alive, is_ready, wait_until

_PATIENCE_SECONDS = 60


class Collector:
    """Two workers and their supervisor. `kills` counts what was killed."""

    def __init__(self, settings: Settings, chance: random.Random) -> None:
        self._settings, self._chance = settings, chance
        self.kills: Counter[str] = Counter()
        self._running = self._start()
        self.port = self._running.port

    @property
    def url(self) -> str:
        return self._running.url

    def torment(self, kills: int, acknowledged: Callable[[], int], is_over: Callable[[], bool]) -> None:
        """Kill that often, each time while it serves: something was acknowledged since it came back."""
        while self.kills.total() < kills and not is_over():
            before = acknowledged()
            wait_until(lambda before=before: acknowledged() > before or is_over(), _PATIENCE_SECONDS)
            if not is_over():
                time.sleep(0.4 * self._chance.random())
                what = self._chance.choices(("everything", "worker", "supervisor"), (6, 3, 1))[0]
                getattr(self, f"_kill_{what}")()
                self.kills[what] += 1

    def stop(self) -> int:
        """Stop it in peace, once it has come back: before that it knows no peace."""
        wait_until(lambda: is_ready(self._running), _PATIENCE_SECONDS)
        status = self._running.stop()
        self._running.client.close()
        return status

    def kill(self) -> None:
        """For good."""
        if self._running.process.poll() is None:
            os.killpg(self._running.process.pid, signal.SIGKILL)
            self._running.process.wait()

    def _start(self, **port: int) -> RunningCollector:
        settings = self._settings
        return RunningCollector.start(
            settings.home,
            collector_processes=2,
            segment_bytes=settings.segment_bytes,
            segment_seconds=settings.segment_seconds,
            **port,
        )

    def _kill_everything(self) -> None:
        workers = self._running.workers()
        os.killpg(self._running.process.pid, signal.SIGKILL)
        self._come_back(workers)

    def _kill_worker(self) -> None:
        if workers := self._running.workers():
            os.kill(self._chance.choice(workers), signal.SIGKILL)

    def _kill_supervisor(self) -> None:
        workers = self._running.workers()
        os.kill(self._running.process.pid, signal.SIGKILL)
        self._come_back(workers)

    def _come_back(self, workers: list[int]) -> None:
        """Its workers are gone, or go by themselves: only then the port is free."""
        self._running.process.wait()
        wait_until(lambda: not any(map(is_alive, workers)), _PATIENCE_SECONDS)
        self._running.client.close()
        self._running = self._start(collector_port=self.port)
