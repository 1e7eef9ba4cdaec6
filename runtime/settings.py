"""Every setting of Footfall: read once from the environment and `footfall.toml`, handed down as a value.

The environment wins over the file, the file over the defaults. Nothing else in the project reads either.
Options of the models (session timeout, engagement) are not here but in `dbt_project/dbt_project.yml`.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from runtime.errors import FootfallError

PROJECT = Path(__file__).resolve().parent.parent
"""Folder of the packages and of `dbt_project/`: the clone, or site-packages, which nothing writes to."""


class SettingsError(FootfallError):
    """A setting that cannot be used, and what to write instead."""


class IpMode(StrEnum):
    """How much of an address the collector lands."""

    FULL = "full"
    TRUNCATED = "truncated"
    """Its network: /24 of IPv4, /48 of IPv6."""
    NONE = "none"


class WebhookForm(StrEnum):
    """What a webhook is sent."""

    JSON = "json"
    """An object with all of the message."""
    SLACK = "slack"
    """A text in Slack's own markup, as its incoming webhooks take it."""


class BuildEngine(StrEnum):
    """Which engine runs the models of a candidate."""

    POSTGRES = "postgres"
    """The database itself."""
    SPARK = "spark"
    """Apache Spark, beside the database: `spark_url` says where."""


class ClockTime(str):
    """A time of day, such as 02:00."""

    __slots__ = ()

    def __new__(cls, written: str) -> Self:
        """Read it. Raises ValueError where it is none."""
        return super().__new__(cls, f"{datetime.strptime(written, '%H:%M'):%H:%M}")

    @property
    def time(self) -> time:
        """The time of day."""
        return time.fromisoformat(self)


class Zone(str):
    """A timezone's name, such as Europe/Berlin."""

    __slots__ = ()

    def __new__(cls, name: str) -> Self:
        """Read it. Raises ValueError where there is none of that name."""
        try:
            return super().__new__(cls, ZoneInfo(name).key)
        except (KeyError, OSError):
            raise ValueError(name) from None


class Networks(tuple[IPv4Network | IPv6Network, ...]):
    """Addresses and networks, written with commas between them."""

    __slots__ = ()

    def __new__(cls, listed: str = "") -> Self:
        """Read the list. Raises ValueError where an entry is neither an address nor a network."""
        return super().__new__(
            cls, (ip_network(each.strip(), strict=False) for each in listed.split(",") if each.strip())
        )

    def __getnewargs__(self) -> tuple[str]:
        """Return the text it was made from, for pickling: settings travel between processes."""
        return (", ".join(map(str, self)),)


_SPARK_URL = re.compile(r"local\[(\*|[1-9]\d*)\]|spark://[^\s:/,]+:\d+(,[^\s:/,]+:\d+)*")
TWO, UTC_ZONE = ClockTime("02:00"), Zone("UTC")
NO_NETWORKS = Networks()


@dataclass(frozen=True)
class Settings:
    """What a person may set. Each field is `footfall.toml`'s key and, upper case, `FOOTFALL_<FIELD>`."""

    home: Path = Path(".footfall")
    """Folder of all state: database, landing zone, secrets, logs."""
    database_url: str | None = None
    """A PostgreSQL (16 or newer) of your own, as its administrator, who may make roles; unset: the embedded server."""
    postgres_port: int = 5439
    """First choice of the embedded server's port; another free one is taken, and kept, if it is in use."""
    collector_host: str = "127.0.0.1"
    """Address the collector listens on."""
    collector_port: int = 8030
    """First choice of the collector's port."""
    collector_processes: int = 0
    """Collector processes; 0: one per core."""
    collector_rate_per_key: int = 2000
    """Requests a second that one write key may make, shared out among the processes; 0: any number."""
    collector_rate_per_address: int = 200
    """Requests a second from one address (IPv6: from one /64), shared out among the processes; 0: any number."""
    trusted_proxies: Networks = NO_NETWORKS
    """Reverse proxies whose X-Forwarded-For is believed: addresses or networks, with commas between them."""
    ip_mode: IpMode = IpMode.FULL
    """How much of an address is landed: full, truncated (/24, /48) or none."""
    respect_dnt: bool = True
    """Whether Do Not Track and Global Privacy Control are heeded: page views only, without the visitor."""
    dagster_port: int = 3070
    """First choice of the Dagster page's port."""
    serving_port: int = 8040
    """First choice of the port on which questions are answered over HTTP."""
    serving_rate_per_token: int = 100
    """Requests a second that one token may make over HTTP; 0: any number."""
    follow: bool = True
    """Whether `footfall up` loads acknowledged events as they come: the live views show them within 2 seconds."""
    segment_bytes: int = 32 * 1024 * 1024
    """An open segment is sealed when it holds this many bytes."""
    segment_seconds: float = 10.0
    """An open segment is sealed when its first line is this old."""
    night_at: ClockTime = TWO
    """When the night begins that loads, builds, checks and publishes."""
    night_zone: Zone = UTC_ZONE
    """The timezone of `night_at` and `backup_hour`."""
    night_after_midnight: bool = False
    """Whether a site's day is also published as soon as it is over in the site's own timezone."""
    backup_hour: int | None = None
    """The hour of the nightly backup; unset: none is made."""
    backup_keep: int = 7
    """Backups that a nightly backup leaves, itself among them."""
    backup_path: Path | None = None
    """Where backups lie, another disk if possible; unset: the folder `backups` in the home."""
    max_slice_days: int = 31
    """Days built at once; longer spans become several slices."""
    lateness_days: int = 3
    """A published day is final when both its end and its last change are this many days ago."""
    today_minutes: int = 5
    """Every so many minutes the open day is built, ungated; 0: never."""
    erasure_days: int = 7
    """Within so many days of an erasure no file of the database holds a byte of the person."""
    geoip_path: Path | None = None
    """A MaxMind database (MMDB) for country and city; unset: both stay null."""
    models_path: Path | None = None
    """A folder of dbt models of your own, built, checked and published with those of Footfall; unset: none."""
    engine: BuildEngine = BuildEngine.POSTGRES
    """What runs the models of a candidate: postgres, or spark."""
    spark_url: str = "local[*]"
    """Where Spark runs: local[N] with N cores of this machine (*: all), or spark://host:port, a standalone cluster."""
    spark_path: Path | None = None
    """Folder of a build's files on Spark, which all workers reach by this name; unset: `spark` in the home."""
    webhook_url: str | None = None
    """Where alarms are posted. Whoever knows it can post, so it is a secret."""
    webhook_form: WebhookForm = WebhookForm.JSON
    """What is posted: json or slack."""
    smtp_url: str | None = None
    """Mail server for alarms and reports, smtp or smtps, user and password before the `@`; unset: none are mailed."""
    mail_from: str = "footfall@localhost"
    """Address that mails are from."""
    mail_to: str | None = None
    """Addresses that mails go to, with commas between them; unset: none are mailed."""
    pages_url: str | None = None
    """Address at which people reach the pages, for links in messages; unset: the one on loopback."""

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can reach the collector."""
        try:
            return not ip_address(self.collector_host).is_loopback
        except ValueError:
            return self.collector_host != "localhost"

    @property
    def landing(self) -> Path:
        """The landing zone."""
        return self.home / "landing"

    @property
    def logs(self) -> Path:
        """Folder of the logs of the processes."""
        return self.home / "logs"

    @property
    def log_files(self) -> tuple[Path, ...]:
        """The log files that exist: those of the processes and of the embedded server."""
        return (*sorted(self.logs.glob("*.log")), self.home / "postgres" / "postgres.log")

    @property
    def checks(self) -> Path:
        """Folder of the pages of checks, which quote rows that failed."""
        return self.home / "checks"

    @property
    def reports(self) -> Path:
        """Folder of the reports, one folder for each site."""
        return self.home / "reports"

    @property
    def exports(self) -> Path:
        """Folder of the exports, one for each request of a person."""
        return self.home / "exports"

    @property
    def backups(self) -> Path:
        """Where backups lie unless another folder is named."""
        return self.backup_path or self.home / "backups"

    def last_night(self, now: datetime) -> datetime:
        """Return when the last night that should have begun by `now` began."""
        zone = ZoneInfo(self.night_zone)
        today = now.astimezone(zone).date()
        begins = datetime.combine(today, self.night_at.time, zone)
        return begins if begins <= now else datetime.combine(today - timedelta(days=1), self.night_at.time, zone)

    @property
    def site_registry(self) -> Path:
        """Copy of the sites and hashed keys, so that the collector needs no database."""
        return self.home / "sites.json"

    @property
    def device_keys(self) -> Path:
        """Folder of the keys from which cookieless sites derive devices, each kept for a day. Never in a backup."""
        return self.home / "device_keys"

    @property
    def contact_key(self) -> Path:
        """Key of the hash that stands for a contact outside the vault."""
        return self.home / "secrets" / "contact_key"

    @property
    def suppression_key(self) -> Path:
        """Key of the hash by which erased people are known."""
        return self.contact_key.with_name("suppression_key")

    @property
    def visitor_key(self) -> Path:
        """Key of the hash that stands for a visitor in sketches."""
        return self.contact_key.with_name("visitor_key")

    @property
    def monitoring_token(self) -> Path:
        """Token of the page of monitoring. By its name no backup holds it."""
        return self.home / "secrets" / "monitoring.password"

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """Every key and password: files that only the owner may read."""
        return (*sorted((self.home / "secrets").glob("[!.]*")), self.home / "postgres" / "owner.password")

    @property
    def hash_keys(self) -> tuple[Path, ...]:
        """Keys of the hashes that the database holds. Passwords are not among them."""
        return tuple(path for path in sorted((self.home / "secrets").glob("[!.]*")) if path.suffix != ".password")

    @property
    def spark(self) -> Path:
        """Where a build on Spark has its files, for as long as it lasts."""
        return self.spark_path or self.home / "spark"

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
    _refuse_exposed_secrets(path, given)
    known = {field.name: field.type for field in fields(Settings)}
    if unknown := sorted(set(given) - set(known)):
        raise SettingsError(f"{path.name}: unknown setting {', '.join(unknown)}; known are {', '.join(known)}")
    given |= {name: environment[key] for name in known if (key := f"FOOTFALL_{name.upper()}") in environment}
    values = {name: _convert(name, value, known[name], directory) for name, value in given.items()}
    _refuse_out_of_range(values)
    return Settings(**({"home": (directory / ".footfall").resolve()} | values))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except ValueError as error:
        raise SettingsError(f"{path.name} is no TOML, put quotes around texts: {error}") from None


def _refuse_exposed_secrets(path: Path, given: Mapping[str, Any]) -> None:
    urls = (given.get("database_url"), given.get("smtp_url"))
    secrets = {
        "a password": any(isinstance(url, str) and urlsplit(url).password for url in urls),
        "the address of a webhook": bool(given.get("webhook_url")),
    }
    for what, is_held in secrets.items():
        if is_held and path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} holds {what} and can be read by others; run: chmod 600 {path}")


def _refuse_out_of_range(values: Mapping[str, Any]) -> None:
    hour = values.get("backup_hour")
    if hour is not None and not 0 <= hour <= 23:
        raise SettingsError(f"backup_hour: {hour} is no hour; write one from 0 to 23")
    if (url := values.get("spark_url")) and not _SPARK_URL.fullmatch(url):
        raise SettingsError(
            f"spark_url: {url!r} is neither local[N] nor spark://host:port; Spark Connect (sc://) and Thrift"
            " (thrift://) are not supported: docs/decisions/spark.md"
        )
    if values.get("backup_keep", 1) < 1:
        raise SettingsError(f"backup_keep: {values['backup_keep']} is less than 1; keep at least the newest backup")


def _convert(name: str, value: Any, kind: Any, directory: Path) -> Any:
    """Convert one setting to its type. Text may stand for a number, or for yes or no; other values must fit."""
    wanted, *unset = get_args(kind) or (kind,)
    if unset and value == "":
        return None

    def from_text(custom: Any, text: Any) -> Any:
        if not isinstance(text, str):
            raise TypeError
        return (directory / Path(text).expanduser()).resolve() if custom is Path else custom(text)

    try:
        return msgspec.convert(value, wanted, strict=not isinstance(value, str), dec_hook=from_text)
    except msgspec.ValidationError:
        if issubclass(wanted, StrEnum):
            raise SettingsError(f"{name}: {value!r} is none of {', '.join(wanted)}") from None
        raise SettingsError(f"{name}: {value!r} is not a {wanted.__name__}: give one") from None
