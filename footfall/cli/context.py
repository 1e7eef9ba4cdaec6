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
    """The installation of this folder; its own PostgreSQL is started if it does not run."""
    from footfall.pipeline.installation import open_installation
    from warehouse.postgres.database import embedded_server

    settings = load_settings()
    server = embedded_server(settings)
    if server is None or not server.is_running():
        if server:
            errors.print("starting PostgreSQL (`footfall down` stops it)", style="dim")
        from footfall.stack.stack import prepare_database

        prepare_database(settings)
    with open_installation(settings) as installation:
        yield installation
