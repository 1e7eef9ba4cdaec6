"""An environment with the wheel and nothing of the clone. What the lock lists, it has from the tests' own environment."""

import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import PROJECT

UV = str(Path(sys.executable).with_name("uv"))
PORTS = {f"FOOTFALL_{each}_PORT": "0" for each in ("POSTGRES", "COLLECTOR", "SERVING", "DAGSTER")}


@dataclass(frozen=True)
class Installed:
    """Footfall as its wheel installs it, an empty HOME, and the folder from which it is called."""

    wheel: Path
    packages: Path
    """The folder of packages of the environment."""
    command: str
    home: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "120", **PORTS}

    def run(self, *arguments: str, inside: Sequence[str] = (), **environment: str) -> str:
        done = subprocess.run(
            [*inside, self.command, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=400,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        command = [self.command, *arguments]
        with log.open("ab") as file:
            return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=file, stderr=file)


def install(place: Path) -> Installed:
    """Build the wheel and install it, without network."""
    _uv("build", "--wheel", "--out-dir", place, PROJECT)
    (wheel,) = place.glob("*.whl")
    environment = place / "env"
    _uv("venv", "--python", sys.executable, environment)
    python = environment / "bin" / "python"
    _uv("pip", "install", "--no-deps", "--python", python, wheel)
    packages = environment / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    # Files that name further folders, as the one of the clone, are not read in a folder that such a file names.
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib"))
    for folder in (place / "home", place / "folder"):
        folder.mkdir()
    return Installed(wheel, packages, str(environment / "bin" / "footfall"), place / "home", place / "folder")


def _uv(*arguments: object) -> None:
    subprocess.run([UV, *map(str, arguments), "--offline", "--quiet"], check=True)
