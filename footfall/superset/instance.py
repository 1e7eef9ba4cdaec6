"""One Superset: its folder, its secret, its process. It shows all sites, or one site's rows as that site's analyst."""

import hashlib
import json
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from footfall.superset.bundle.bundle import AS_A_WHOLE, files
from footfall.superset.bundle.datasets import NAME, masked
from runtime import ports
from runtime.environment import without_foreign
from runtime.errors import FootfallError
from runtime.files import write
from runtime.processes import Process, last_lines
from runtime.secrets import make_private, read_or_create
from runtime.settings import Settings

HOST = "127.0.0.1"
FIRST_CHOICE = 8088
"""The port that Superset's own documentation has."""
INSIDE = Path(__file__).parent / "inside"
ADMIN = "admin"


class PrepareFailed(FootfallError):
    """Superset did not take its tables or the bundle."""


@dataclass(frozen=True)
class Instance:
    """The Superset of an installation, or of one of its sites."""

    settings: Settings
    site: str | None = None

    @property
    def folder(self) -> Path:
        """Where its metadata, its secret and its port lie."""
        superset = self.settings.home / "superset"
        return superset / "sites" / self.site if self.site else superset / "all"

    @property
    def url(self) -> str:
        """The address of its pages."""
        return f"http://{HOST}:{self._port}"

    def process(self, python: Path) -> Process:
        """Return its server. It keeps few threads, since a site's analyst has few connections."""
        command = [
            *(str(python), "-m", "gunicorn", "--bind", f"{HOST}:{self._port}", "--timeout", "120"),
            *("--workers", "1", "--worker-class", "gthread", "--threads", "8", "superset.app:create_app()"),
        ]
        name = f"superset-{self.site}" if self.site else "superset"
        return Process(name, command, self._environment, self.settings.home / "run", self.log)

    @property
    def log(self) -> Path:
        """What the server and its preparation said."""
        return self.settings.logs / (f"superset-{self.site}.log" if self.site else "superset.log")

    def claim_port(self) -> None:
        """Choose the port of a server about to start: the one it had, 8088, or any that is free."""
        ports.claim(self._port_file, FIRST_CHOICE, HOST)

    def prepare(self, python: Path, manifest: Path, reader: URL, is_new_password: bool = False) -> str | None:
        """Bring its tables and the bundle up to date, where something changed since the last time. May run twice.

        Args:
            python: of Superset's environment.
            manifest: of dbt, with the marts and the metrics.
            reader: how it connects to the marts.
            is_new_password: whether the admin gets a new password.

        Returns:
            The admin's password, if it is new.

        Raises:
            PrepareFailed: Superset failed, and what it said last.
        """
        make_private(self.settings.home / "superset")
        make_private(self.folder)
        read_or_create(self.folder / "secret")
        texts = files(manifest, masked(reader), AS_A_WHOLE)
        known = self.folder / "prepared"
        version = _version(python, texts, reader)
        if known.exists() and known.read_text() == version and not is_new_password:
            return None
        password = secrets.token_urlsafe(18) if is_new_password or not known.exists() else None
        wanted = {
            "password": password,
            "contents": texts,
            "passwords": {f"databases/{NAME}.yaml": str(reader.password)},
        }
        self._run(python, json.dumps(wanted))
        write(known, version.encode(), 0o600)
        return password

    def _run(self, python: Path, wanted: str) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(
                [str(python), str(INSIDE / "prepare.py")],
                env=without_foreign(os.environ) | self._environment,
                input=wanted.encode(),
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            raise PrepareFailed(f"Superset was not prepared. Look into {self.log}, which ends:\n{last_lines(self.log)}")

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "FOOTFALL_SUPERSET": str(self.folder),
            "SUPERSET_CONFIG_PATH": str(INSIDE / "superset_config.py"),
            "SUPERSET_HOME": str(self.folder),
        }

    @property
    def _port(self) -> int:
        return ports.port_of(self._port_file, FIRST_CHOICE)

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"


def _version(python: Path, texts: dict[str, str], reader: URL) -> str:
    said = json.dumps([str(python), texts, reader.render_as_string(hide_password=False)])
    return hashlib.sha256(said.encode()).hexdigest()
