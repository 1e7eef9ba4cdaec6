"""`footfall report`: a day of a site against the same weekday before, as a file."""

import webbrowser
from datetime import datetime
from typing import Annotated

import typer

from footfall.cli.console import complain, say
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(report)


def report(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: the newest whole day.")] = None,
    site: Annotated[str | None, typer.Option(help="Default: every site.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Also write its figures and charts as a picture.")] = False,
) -> None:
    """Write the report of a day: figures, what changed most and where, what was restated, what failed its check."""
    from sqlalchemy import text

    from serving.report.write import write_picture, write_report
    from serving.whole_days import whole_days
    from warehouse.postgres.roles import Role

    with current_installation() as installation:
        with installation.engine_of(Role.ANALYST).connect() as connection:
            now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            newest = {name: found.day for name, found in whole_days(connection, now).items()}
        wanted = {site: newest.get(site)} if site else newest
        if day:
            wanted = dict.fromkeys(wanted or newest, day.date())
        if not wanted or None in wanted.values():
            complain(f"no day of {site or 'any site'} is published whole since three days; say --day and --site")
        for name, chosen in wanted.items():
            if chosen is None:
                continue
            path = write_report(installation, name, chosen)
            say(str(path))
            if png:
                say(str(write_picture(installation, name, chosen)))
            if open_:
                webbrowser.open(path.as_uri())
