"""The units of an installation, and its folder. The texts are in `*.jinja`, what differs in `_PARTS`."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwuid

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime.errors import FootfallError
from runtime.secrets import make_private
from runtime.settings import Settings

TARGET = "footfall.target"


class UnitError(FootfallError):
    """An installation that units cannot start, and what to do about it."""


@dataclass(frozen=True)
class Part:
    """What is peculiar to one unit."""

    what: str
    memory: str
    """Share of the machine's memory beyond which it is ended."""
    tasks: int = 512
    needs_database: bool = True
    after: str = ""


_PARTS: Mapping[str, Part] = {
    "database": Part("PostgreSQL, and the newest schema in it", "60%", tasks=1024, needs_database=False),
    "collector": Part("takes events", "25%", needs_database=False),
    "follower": Part("loads acknowledged events as they come", "40%"),
    "serving": Part("answers over HTTP", "40%"),
    "alarms": Part("watches and raises alarms", "25%"),
    "dagster-webserver": Part("Dagster's page", "40%"),
    # On a fresh home both would create Dagster's tables, and one would fail.
    "dagster-daemon": Part(
        "schedules, sensors and nights", "60%", tasks=1024, after="footfall-dagster-webserver.service"
    ),
}


def ready_home(settings: Settings, folder: Path, is_users: bool) -> None:
    """Make the home, which units may write to and nothing else, and give it to the user as whom they run."""
    if not settings.home.exists():
        make_private(settings.home)
        if not is_users:
            shutil.chown(settings.home, _owner(folder))


def units(settings: Settings, folder: Path, is_users: bool) -> dict[str, str]:
    """Return the units of the installation whose settings lie in `folder`. `is_users`: of one user, not of the machine.

    Returns:
        Name of the unit's file → its text.

    Raises:
        UnitError: the machine's units would run as root.
    """
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    given = {
        "user": None if is_users else _owner(folder),
        "folder": folder,
        "home": settings.home,
        "backups": None if settings.backups.is_relative_to(settings.home) else settings.backups,
        "embedded": not settings.database_url,
        "wanted_by": "default.target" if is_users else "multi-user.target",
        "quoted": _quoted,
        "word": _word,
    }
    parts = {name: part for name, part in _PARTS.items() if name != "follower" or settings.follow}
    command = (sys.executable, "-P", "-m", "footfall", "run")
    service = templates.get_template("service.jinja")
    files = {
        f"footfall-{name}.service": service.render(
            given, name=name, part=part, command=" ".join(map(_quoted, [*command, name]))
        )
        for name, part in parts.items()
    }
    return {TARGET: templates.get_template("target.jinja").render(given, services=list(files)), **files}


def _owner(folder: Path) -> str:
    """Return the name of the user who owns the installation, and whose processes these are to be."""
    owner = folder.stat().st_uid
    if owner == 0:
        raise UnitError(
            f"{folder} belongs to root, and nothing of Footfall should run as root. Give it to a user of its own:"
            f" useradd --system footfall; chown -R footfall: {folder}"
        )
    return getpwuid(owner).pw_name


def _word(value: object) -> str:
    """Return a value for a setting that systemd does not split into words."""
    return str(value).replace("%", "%%")


def _quoted(value: object) -> str:
    """Return one word of a setting that systemd splits into words."""
    escaped = _word(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if {*escaped} & {*" \t'\"\\;"} else escaped
