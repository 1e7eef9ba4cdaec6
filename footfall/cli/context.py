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
def current_installation(frees_room: bool = False) -> Iterator["Installation"]:
    """Give the installation of this folder, its database up to date. Start the embedded PostgreSQL if needed.

    A command that frees room runs on a full disk, too.

    Raises:
        DiskFull: the disk of the home is full.
    """
    from footfall.pipeline.installation import open_installation
    from warehouse.access.readers import readers_watched
    from warehouse.postgres.database import embedded_server

    settings = load_settings()
    if not frees_room:
        require_room(settings.home)
    server = embedded_server(settings)
    if server and server.is_running():
        server.require_answer()
    elif server:
        # Before the installation is opened: a start may choose another port.
        note("starting PostgreSQL (`footfall down` stops it)")
        _prepare(settings)
    with open_installation(settings) as installation:
        if not _is_up_to_date(installation):
            _prepare(settings)
        with readers_watched(installation.engine):
            yield installation


def _prepare(settings: Settings) -> None:
    from footfall.stack.stack import prepare_database  # The import takes half a second; most commands need none of it.

    prepare_database(settings)


def _is_up_to_date(installation: "Installation") -> bool:
    from warehouse.tables.version import newest, version

    with installation.engine.connect() as connection:
        return version(connection) == newest()
