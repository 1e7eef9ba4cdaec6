"""`footfall export`: the rows of a mart as a file."""

import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import complain, hand_over
from footfall.cli.context import current_installation, note_if_nothing


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(export)


def export(
    mart: Annotated[str, typer.Argument(help="The mart.")],
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv, ndjson or parquet.")] = "csv",
    site: Annotated[str | None, typer.Option(help="Only this site; without it, all.")] = None,
    for_spreadsheet: Annotated[bool, typer.Option(help="CSV for people: formulas in texts are escaped.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; else standard output.")] = None,
) -> None:
    """Write the rows of a mart for programs, exactly as they are."""
    from psycopg.errors import UndefinedTable

    from footfall.answers.export import ExportFormat, exported, selection
    from footfall.answers.questions import MartMissing
    from footfall.pipeline.installation import published_marts
    from runtime.files import beside, synced
    from warehouse.access.sites import require_site
    from warehouse.postgres.connect import connect
    from warehouse.postgres.roles import Role

    if form not in list(ExportFormat):
        complain(f"there is no format {form}; there is {', '.join(ExportFormat)}")
    if output is None and form == ExportFormat.PARQUET and sys.stdout.isatty():
        complain("Parquet is no text for a terminal; name a file with --output")
    with current_installation() as installation:
        note_if_nothing(installation)
        marts = {each.name: each for each in published_marts(installation)}
        if mart not in marts:
            complain(f"there is no mart {mart}; there is {', '.join(marts)}")
        if site is not None:
            with installation.engine_of(Role.ANALYST).connect() as found:
                require_site(found, site)
        query = selection(marts[mart], site, _day(first), _day(last))
        with closing(connect(installation.database.roles[Role.ANALYST])) as connection:
            try:
                parts = exported(connection.pgconn, query, ExportFormat(form), for_spreadsheet)
                if output is None:
                    for part in parts:
                        hand_over(part)
                    return
                with synced(beside(output)) as file:
                    file.writelines(parts)
                beside(output).rename(output)
            except UndefinedTable as error:
                raise MartMissing from error


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
