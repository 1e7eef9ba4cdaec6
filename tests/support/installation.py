"""Installations of a test run, what their marts hold, and the passwords that all of them share."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from footfall.pipeline.installation import Installation, open_installation
from runtime.settings import Settings
from tests.support.database import DATABASE, copy_of, rows
from warehouse.access.sites import add_site
from warehouse.postgres.roles import Role


@contextmanager
def installed(home: Path, url: URL, parsed_project: Path, zones: Mapping[str, str]) -> Iterator[Installation]:
    address = url.render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=address, segment_seconds=0.5)
    shutil.copytree(parsed_project, settings.dbt_target)
    share_passwords(home)
    with open_installation(settings) as installation:
        with installation.engine.begin() as connection:
            for site, zone in zones.items():
                add_site(connection, site, zone)
        yield installation
    # What dbt has built once, the next installations build without dbt.
    recorded = settings.dbt_target / "statements.json"
    if recorded.exists() and not (parsed_project / recorded.name).exists():
        shutil.copy(recorded, parsed_project)


@dataclass(frozen=True)
class Copies:
    """An installation that was put aside, and copies of it."""

    home: Path
    url: URL
    place: Path

    @contextmanager
    def __call__(self) -> Iterator[Installation]:
        """Copy it to the database name and the place that it had, so that dbt goes on; one at a time."""
        with copy_of(self.url, DATABASE) as copy, emptied(self.place) as folder:
            shutil.copytree(self.home, folder / "home", symlinks=True)
            with _opened(folder / "home", copy, segment_seconds=0.5) as installation:
                yield installation

    @contextmanager
    def beside(self, home: Path) -> Iterator[Installation]:
        """Copy it beside others. Readers there read what dbt compiled; a night would parse the project again."""
        with copy_of(self.url) as copy:
            shutil.copytree(self.home, home, symlinks=True)
            for path in (home / "dbt").rglob("*"):
                if path.suffix in (".json", ".sql"):
                    path.write_bytes(path.read_bytes().replace(DATABASE.encode(), str(copy.database).encode()))
            with _opened(home, copy) as installation:
                yield installation


@contextmanager
def put_aside(installation: Installation, home: Path) -> Iterator[Copies]:
    """Copy an installation to that home, to make more copies from."""
    installation.dispose()
    with copy_of(installation.database.administrator) as url:
        shutil.copytree(installation.settings.home, home, symlinks=True)
        yield Copies(home, url, installation.settings.home.parent)


def _opened(home: Path, url: URL, **given: Any) -> Installation:
    return open_installation(Settings(home=home, database_url=url.render_as_string(hide_password=False), **given))


@contextmanager
def emptied(folder: Path) -> Iterator[Path]:
    """An empty folder of this name for a while."""
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def share_passwords(home: Path) -> None:
    """Give a home the passwords of all others: roles belong to the server, and so to all databases of a test run.

    With one key of visitors' hashes, what two installations publish can be compared.
    """
    folder = home / "secrets"
    folder.mkdir(parents=True, mode=0o700)
    for role in Role:
        path = folder / f"{role.name.lower()}.password"
        path.touch(mode=0o600)
        path.write_text(password_of(role))
    (folder / "visitor_key").touch(mode=0o600)
    (folder / "visitor_key").write_text("key of visitors")


def password_of(role: str) -> str:
    """The password of a role on the server of a test run."""
    return f"password of {role}"


def contents(installation: Installation) -> dict[str, list[tuple]]:
    """All rows of all marts, in an order of their own."""
    names = [
        name
        for (name,) in rows(
            installation.engine,
            "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' order by 1",
        )
    ]
    return {
        name: sorted(rows(installation.engine, f"select row_to_json(m)::text from marts.{name} m")) for name in names
    }


def with_settings(installation: Installation, **changes: Any) -> Installation:
    """The same installation with other settings."""
    return replace(installation, settings=replace(installation.settings, **changes))
