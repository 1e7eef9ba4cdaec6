"""`footfall run`: one part of the stack in the foreground, for systemd, containers, and Footfall itself."""

from functools import partial
from typing import Annotated

import typer

from footfall.cli.console import complain, interrupted
from footfall.cli.stack import report_death
from runtime.settings import load_settings


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(run)


def run(
    part: Annotated[str, typer.Argument(help="database, or a process that `footfall status` lists.", metavar="PART")],
) -> None:
    """Run one part of what `up` starts, until Ctrl-C. For systemd and containers: they start it again when it dies."""
    from footfall.stack.foreground import DATABASE, become, run_database
    from footfall.stack.keeper import keep
    from footfall.stack.processes import KEEPER, processes

    settings = load_settings()
    if part not in (parts := [DATABASE, *processes(settings)]):
        complain(f"no part of this name; parts: {', '.join(parts)}")
    if part == DATABASE:
        run_database(settings, interrupted())
    elif part == KEEPER:
        keep(settings, interrupted(), partial(report_death, settings))
    else:
        become(settings, part)
