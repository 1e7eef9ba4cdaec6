"""systemd: where units lie, and `systemctl`, which may run before systemd does, as in an image."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from footfall.service.units import TARGET, UnitError
from runtime import files
from runtime.environment import without_foreign

_SYSTEM = Path("/etc/systemd/system")


@dataclass(frozen=True)
class Systemd:
    """The systemd of the machine, or that of one user."""

    is_users: bool

    @property
    def folder(self) -> Path:
        """Where its units lie."""
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return settings / "systemd" / "user" if self.is_users else _SYSTEM

    @property
    def runs(self) -> bool:
        """Whether it runs, so that it can start something."""
        asked = self._ask("is-system-running")
        return asked.stdout.strip() not in ("", "offline", "unknown")

    def install(self, units: Mapping[str, str]) -> bool:
        """Write the units in place of those before, and let them start with the machine. Return whether they run now.

        Raises:
            UnitError: systemctl is missing or fails, or the folder may not be written.
        """
        self._require()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in units.items():
                files.write(self.folder / name, text.encode(), 0o644)
            for old in self._installed() - {*units}:
                (self.folder / old).unlink()
        except PermissionError as error:
            raise UnitError(f"{error}. Run it as root, or with --user for a service of your own") from None
        if not self.runs:
            self._do("enable", TARGET, SYSTEMD_OFFLINE="1")
            return False
        self._do("daemon-reload")
        self._do("enable", TARGET)
        self._do("restart", TARGET)
        return True

    def remove(self) -> bool:
        """Stop the units and remove them. Return whether there were any.

        Raises:
            UnitError: systemctl is missing or fails.
        """
        self._require()
        if not (names := self._installed()):
            return False
        runs = self.runs
        if runs:
            self._do("stop", *names)  # Each by its name: it waits for what is named alone.
        self._do("disable", TARGET, **({} if runs else {"SYSTEMD_OFFLINE": "1"}))
        for name in names:
            (self.folder / name).unlink()
        if runs:
            self._do("daemon-reload")
        return True

    def states(self) -> list[tuple[str, str, str]]:
        """Return what systemd says of each unit: name, state, how often it was started again."""
        found = []
        for name in sorted(self._installed()):
            asked = self._ask("show", name, "--property=ActiveState,SubState,NRestarts")
            said = dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)
            state = f"{said['ActiveState']} ({said['SubState']})" if said else "systemd does not run"
            found.append((name, state, said.get("NRestarts", "")))
        return found

    def _installed(self) -> set[str]:
        return {path.name for path in (*self.folder.glob("footfall-*.service"), *self.folder.glob(TARGET))}

    def _require(self) -> None:
        if not shutil.which("systemctl"):
            raise UnitError("this machine has no systemd; `footfall up` keeps everything running, too")

    def _do(self, *arguments: str, **environment: str) -> None:
        done = self._ask(*arguments, **environment)
        if done.returncode:
            raise UnitError(
                f"systemctl {' '.join(arguments)} failed; `journalctl -e` may say more: {done.stderr.strip()}"
            )

    def _ask(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemctl", *(["--user"] if self.is_users else []), *arguments],
            env=without_foreign(os.environ) | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
