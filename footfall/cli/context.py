"""What every command needs: the installation, with its database up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from footfall.cli.console import note
from runtime.files import require_room
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation


@contextmanager
def current_installation(frees_room: bool = False, of_any_version: bool = False) -> Iterator["Installation"]:
    """Give the installation of this folder, its database up to date. Start the embedded PostgreSQL if needed.

    A command that frees room runs on a full disk, too. One that brings the database to another version takes it `of any
    version`, as it is.

    Raises:
        DiskFull: the disk of the home is full.
        VersionError: the database is of another version than the programs.
    """
    from footfall.pipeline.installation import open_installation
    from warehouse.access.readers import readers_watched
    from warehouse.postgres.database import embedded_server
    from warehouse.tables.version import newest, require_not_newer

    settings = load_settings()
    if not frees_room:
        require_room(settings.home)
    server = embedded_server(settings)
    if server and server.is_running():
        server.require_answer()
    elif server:
        # Before the installation is opened: a start may choose another port.
        note("starting PostgreSQL (`footfall down` stops it)")
        server.start() if of_any_version else _prepare(settings)
    with open_installation(settings) as installation:
        found = _version(installation)
        require_not_newer(found)
        if found is None or (found != newest() and not of_any_version):
            _prepare(settings)
        with readers_watched(installation.engine):
            yield installation


def note_if_nothing(installation: "Installation") -> None:
    """Print, beside the output, that nothing is published yet and what to do next, if that is so."""
    from footfall.answers.next_step import nothing_published
    from warehouse.postgres.roles import Role

    with installation.engine_of(Role.ANALYST).connect() as connection:
        if said := nothing_published(connection):
            note(said)


def _prepare(settings: Settings) -> None:
    from footfall.stack.stack import prepare_database  # The import takes half a second; most commands need none of it.

    prepare_database(settings)


def _version(installation: "Installation") -> str | None:
    from warehouse.tables.version import version

    with installation.engine.connect() as connection:
        return version(connection)
