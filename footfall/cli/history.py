"""`footfall import`: history from files, through the same validation and landing zone as live events."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import say, working
from footfall.cli.context import current_installation

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation
    from ingestion.importers.intake import ImportCount, Progress


Files = Annotated[
    list[Path], typer.Argument(help="Files, plain or .gz.", exists=True, dir_okay=False, show_default=False)
]
SiteName = Annotated[str, typer.Option("--site", help="The site the events belong to.", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="History from files. `footfall nightly` loads and publishes it.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="import")


@app.command("events")
def events(files: Files, site: SiteName) -> None:
    """Import events as NDJSON: one event per line, with optional received_at, ip and user_agent."""
    from ingestion.importers.native import import_events

    with current_installation() as installation:
        _run(installation, site, lambda progress: import_events(files, site, installation.settings.landing, progress))


@app.command("access-log")
def access_log(
    files: Files,
    site: SiteName,
    include_static: Annotated[bool, typer.Option(help="Import hits on images, styles and scripts too.")] = False,
    host: Annotated[
        str | None,
        typer.Option(help="The site's host, where lines name none; default: the host whose pages link to each other."),
    ] = None,
) -> None:
    """Import web-server logs in Combined Log Format. A device is an address with a user agent."""
    from ingestion.importers.access_log import import_access_log

    with current_installation() as installation:
        landing = installation.settings.landing
        _run(
            installation, site, lambda progress: import_access_log(files, site, landing, include_static, progress, host)
        )


def _run(installation: "Installation", site: str, work: "Callable[[Progress], ImportCount]") -> None:
    from warehouse.access.sites import require_site
    from warehouse.postgres.roles import Role

    with installation.engine_of(Role.LOADER).connect() as connection:
        require_site(connection, site)
    with working("importing") as status:
        count = work(lambda so_far: status.update(f"importing: {so_far.lines:,} lines"))
    say(
        f"{count.lines:,} lines: {count.events:,} events, {count.rejects:,} rejects, {count.skipped:,} skipped."
        " Next: footfall nightly"
    )
