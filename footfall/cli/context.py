"""What every command needs: the installation, with its database up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from footfall.cli.console import errors
from runtime.settings import load_settings

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation


@contextmanager
def current_installation() -> Iterator["Installation"]:
    """Give the installation of this folder, its database up to date. Start the embedded PostgreSQL if needed."""
    from footfall.pipeline.installation import open_installation
    from warehouse.postgres.database import embedded_server

    settings = load_settings()
    server = embedded_server(settings)
    is_stopped = server is not None and not server.is_running()
    if is_stopped:
        errors.print("starting PostgreSQL (`footfall down` stops it)", style="dim")
    with open_installation(settings) as installation:
        if is_stopped or not _is_up_to_date(installation):
            from footfall.stack.stack import prepare_database

            prepare_database(settings)
        yield installation


def _is_up_to_date(installation: "Installation") -> bool:
    from warehouse.tables.version import newest, version

    with installation.engine.connect() as connection:
        return version(connection) == newest()
