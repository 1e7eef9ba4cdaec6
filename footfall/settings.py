"""Every setting of Footfall: read once from the environment and `footfall.toml`, handed down as a value.

The environment wins over the file, the file over the defaults. Nothing else in the project reads either.
Thresholds of the models (session timeout, engagement) are not here but in `dbt_project/dbt_project.yml`.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting that cannot be used, and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """What a person may set. Each field is `footfall.toml`'s key and, upper case, `FOOTFALL_<FIELD>`."""

    home: Path = Path(".footfall")
    """Folder of all state: database, landing zone, secrets, logs."""
    database_url: str | None = None
    """A PostgreSQL (16 or newer) of your own, as its owner; unset: the embedded server."""
    postgres_port: int = 5439
    """First choice of the embedded server's port; another free one is taken, and kept, if it is in use."""
    collector_host: str = "127.0.0.1"
    """Address the collector listens on."""
    collector_port: int = 8030
    """First choice of the collector's port."""
    collector_processes: int = 0
    """Collector processes; 0: one per core."""
    dagster_port: int = 3070
    """First choice of the Dagster page's port."""
    segment_bytes: int = 32 * 1024 * 1024
    """An open segment is sealed when it holds this many bytes."""
    segment_seconds: float = 10.0
    """An open segment is sealed when its first line is this old."""
    max_slice_days: int = 31
    """Days built at once; longer spans become several slices."""
    lateness_days: int = 3
    """A published day is final when it ended, and was last changed, longer ago than this."""
    geoip_path: Path | None = None
    """A MaxMind database (MMDB) for country and city; unset: both stay null."""
    webhook_url: str | None = None
    """Where a failed night is posted, as JSON."""

    @property
    def landing(self) -> Path:
        """The landing zone."""
        return self.home / "landing"

    @property
    def logs(self) -> Path:
        """Where the processes write what they have to say."""
        return self.home / "logs"

    @property
    def log_files(self) -> tuple[Path, ...]:
        """What there is of logs by now: those of the processes, and the embedded server's."""
        return (*sorted(self.logs.glob("*.log")), self.home / "postgres" / "postgres.log")

    @property
    def checks(self) -> Path:
        """The pages of checks; they quote rows that failed."""
        return self.home / "checks"

    @property
    def exports(self) -> Path:
        """Where what is known of a person is written to."""
        return self.home / "exports"

    @property
    def backups(self) -> Path:
        """Where backups lie unless another folder is named."""
        return self.home / "backups"

    @property
    def site_registry(self) -> Path:
        """Copy of the sites and hashed keys, so that the collector needs no database."""
        return self.home / "sites.json"

    @property
    def contact_key(self) -> Path:
        """Key of the hash that stands for a contact outside the vault."""
        return self.home / "secrets" / "contact_key"

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """What nobody but the owner may read: every key and password."""
        return (*sorted((self.home / "secrets").glob("[!.]*")), self.home / "postgres" / "owner.password")

    @property
    def hash_keys(self) -> tuple[Path, ...]:
        """Keys of the hashes that the database holds. What ends in `.password` opens a door and hashes nothing."""
        return tuple(path for path in sorted((self.home / "secrets").glob("[!.]*")) if path.suffix != ".password")

    @property
    def dbt_target(self) -> Path:
        """What dbt compiles, and its manifest."""
        return self.home / "dbt" / "target"


def load_settings(environment: Mapping[str, str] = os.environ, directory: Path | None = None) -> Settings:
    """Read the settings. Relative paths are taken from `directory` (default: where the command runs).

    Raises:
        SettingsError: no TOML, an unknown key, a value that is not of the setting's type, or a password that others
            may read.
    """
    directory = directory or Path.cwd()
    path = directory / "footfall.toml"
    given = _read(path) if path.exists() else {}
    _refuse_exposed_password(path, given)
    known = {field.name: field.type for field in fields(Settings)}
    if unknown := sorted(set(given) - set(known)):
        raise SettingsError(f"{path.name}: unknown setting {', '.join(unknown)}; known are {', '.join(known)}")
    given |= {name: environment[key] for name in known if (key := f"FOOTFALL_{name.upper()}") in environment}
    values = {name: _convert(name, value, known[name], directory) for name, value in given.items()}
    return Settings(**({"home": (directory / ".footfall").resolve()} | values))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except ValueError as error:
        raise SettingsError(f"{path.name} is no TOML: {error}") from None


def _refuse_exposed_password(path: Path, given: Mapping[str, Any]) -> None:
    url = given.get("database_url")
    if isinstance(url, str) and urlsplit(url).password and path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} holds a password and can be read by others; run: chmod 600 {path}")


def _convert(name: str, value: Any, kind: Any, directory: Path) -> Any:
    optional = isinstance(kind, UnionType)
    if optional and value == "":
        return None
    wanted = get_args(kind)[0] if optional else kind
    try:
        if not isinstance(value, str) and type(value) is not wanted and (wanted, type(value)) != (float, int):
            raise TypeError
        return (directory / Path(value).expanduser()).resolve() if wanted is Path else wanted(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{name}: {value!r} is not a {wanted.__name__}") from None
