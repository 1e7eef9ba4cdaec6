"""A home on a small disk of its own that is full when a command runs, and has room again for its repetition.

`unshare --mount python -m tests.support.faults.small_disk HOME URL`: the disk is a tmpfs that ends with the
process. HOME is copied to it. Prints what is acknowledged and what is loaded.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx

from tests.support.command import footfall
from tests.support.events import event
from tests.support.ingestion.running_collector import RunningCollector, is_ready, make_event, wait_until, write_registry

ROOM = "150m"
EVENTS = 3000


class SmallDisk:
    """The home on its disk."""

    def __init__(self, home: Path, url: str) -> None:
        disk = home.with_name("disk")
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "none", str(disk)], check=True)
        self.home, self.url, self._filler = disk / "home", url, disk / "filler"
        shutil.copytree(home, self.home, symlinks=True)
        self.history = disk / "history.ndjson"
        self.history.write_text("".join(f"{json.dumps(event('2026-11-02 08:00', f'd{n}'))}\n" for n in range(EVENTS)))

    def run(self, *command: str) -> subprocess.CompletedProcess:
        ran = footfall(self.home, *command, FOOTFALL_DATABASE_URL=self.url)
        assert "Traceback" not in ran.stdout + ran.stderr, ran.stderr
        return ran

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file:
            for length in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * length)
                except OSError:
                    continue

    def refuse(self, *command: str, must_fail: bool = True) -> None:
        """Run a command twice: on a full disk, which it says, and with room again, where it succeeds."""
        self.fill()
        full = self.run(*command)
        assert full.returncode == 1 or not must_fail, (command, full.stdout)
        assert full.returncode == 0 or "full" in full.stderr or "space" in full.stderr, (command, full.stderr)
        self._filler.unlink()
        ran = self.run(*command)
        assert ran.returncode == 0, (command, ran.stderr)

    def collect(self) -> int:
        """Post until the disk is full, and on when it has room again; return how many events were acknowledged."""
        write_registry(self.home)
        collector = RunningCollector.start(self.home)
        try:
            wait_until(lambda: is_ready(collector))
            acknowledged = int(collector.post(make_event()).status_code == 202)
            self.fill()
            wait_until(lambda: collector.post(make_event(page_title="x" * 500)).status_code == 503)
            self._filler.unlink()
            wait_until(lambda: httpx.get(f"{collector.url}/readyz").status_code == 200)
            acknowledged += collector.post(make_event()).status_code == 202
            assert collector.stop() == 0
        finally:
            collector.process.kill()
        return acknowledged


def main(home: Path, url: str) -> None:
    """Try each command."""
    disk = SmallDisk(home, url)
    disk.refuse("import", "events", str(disk.history), "--site", "shop")
    assert disk.collect() == 2
    disk.refuse("load", must_fail=False)
    disk.refuse("nightly", must_fail=False)
    disk.refuse("person", "erase", "--site", "shop", "--device", "d1", "--yes")
    disk.refuse("backup")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
