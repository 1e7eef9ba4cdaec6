"""The dbt documentation of what is published, as one page that needs no network, and a server for it on loopback."""

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation
from warehouse.postgres.roles import Role

LOOPBACK = "127.0.0.1"


def write_page(installation: Installation) -> Path:
    """Let dbt write its documentation, with the columns in the database, into one file."""
    dbt.run(
        installation.settings,
        installation.database.roles[Role.ANALYST],
        "docs",
        "generate",
        "--static",
        target=dbt.PUBLISHED,
    )
    page = installation.settings.home / "docs" / "index.html"
    page.parent.mkdir(exist_ok=True)
    shutil.copyfile(dbt.target_path(installation.settings, dbt.PUBLISHED) / "static_index.html", page)
    return page


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of that folder on loopback, ready to run."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(_Quietly, directory=str(folder)))


class _Quietly(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log no requests: this terminal is read by a person, not by an operator."""
