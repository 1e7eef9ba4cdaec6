"""Installations of a test run, what their marts hold, and the passwords that all of them share."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
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
    # What dbt was told to build once, the next installations build without dbt.
    recorded = settings.dbt_target / "statements.json"
    if recorded.exists() and not (parsed_project / recorded.name).exists():
        shutil.copy(recorded, parsed_project)


@contextmanager
def copied(home: Path, url: URL, place: Path) -> Iterator[Installation]:
    """A copy of an installation that was put aside, with the database name and the place that it had."""
    with copy_of(url, DATABASE) as copy, emptied(place) as folder:
        shutil.copytree(home, folder / "home", symlinks=True)
        address = copy.render_as_string(hide_password=False)
        with open_installation(
            Settings(home=folder / "home", database_url=address, segment_seconds=0.5)
        ) as installation:
            yield installation


@contextmanager
def emptied(folder: Path) -> Iterator[Path]:
    """An empty folder of this name for a while."""
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def share_passwords(home: Path) -> None:
    """Give a home the passwords of all others: roles belong to the server, and so to all databases of a test run."""
    folder = home / "secrets"
    folder.mkdir(parents=True, mode=0o700)
    for role in Role:
        path = folder / f"{role.name.lower()}.password"
        path.touch(mode=0o600)
        path.write_text(password_of(role))


def password_of(role: str) -> str:
    """The password of a role on the server of a test run."""
    return f"password of {role}"


@contextmanager
def copy_of_night(installation, home):
    with copy_of(installation.database.administrator) as url:
        shutil.copytree(installation.settings.home, home)
        with installation_at(home, url) as copy:
            yield copy


def installation_at(home, url):
    return open_installation(Settings(home=home, database_url=url.render_as_string(hide_password=False)))


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
