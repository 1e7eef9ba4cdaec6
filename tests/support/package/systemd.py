"""A real systemd of a user, without one of the machine: it only asks whether `/run/systemd/system` is there."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ingestion.running_collector import wait_until

_RUNTIME = "/run/user"
_MANAGER = f"""
mount -t tmpfs tmpfs /run
mkdir -m 700 -p /run/systemd/system {_RUNTIME}
exec /lib/systemd/systemd --user
"""
ENVIRONMENT = {"XDG_RUNTIME_DIR": _RUNTIME, "SYSTEMD_LOG_TARGET": "console"}


@dataclass(frozen=True)
class Manager:
    """A systemd that runs, in a mount namespace of its own."""

    process: subprocess.Popen[bytes]

    @property
    def inside(self) -> list[str]:
        """What a command begins with that is to reach it."""
        return ["nsenter", "--mount", f"--target={self.process.pid}", "--wd=."]

    def does(self, *arguments: str) -> bool:
        asked = [*self.inside, "systemctl", "--user", *arguments]
        return subprocess.run(asked, env=os.environ | ENVIRONMENT, capture_output=True).returncode == 0


@contextmanager
def booted(home: Path, log: Path) -> Iterator[Manager]:
    """Start a user's systemd, and what is enabled in this HOME; end both."""
    assert shutil.which("nsenter")
    with log.open("ab") as file:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", _MANAGER],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", **ENVIRONMENT},
            stdout=file,
            stderr=file,
        )
    manager = Manager(process)
    try:
        wait_until(lambda: manager.does("show"), 30)
        yield manager
    finally:
        manager.does("stop", "footfall*")
        # It exits at once. Asked politely it waits a minute for a bus that is not there.
        process.send_signal(signal.SIGRTMIN + 24)
        process.wait(30)
