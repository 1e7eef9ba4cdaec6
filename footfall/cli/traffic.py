"""`footfall simulate`: traffic whose true figures are known."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import progress, say
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(simulate)


def simulate(
    days: Annotated[int, typer.Option(help="Whole days, the last one yesterday.", min=1)] = 7,
    events: Annotated[int, typer.Option(help="Events in all, about.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same traffic.")] = 1,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write what is known of the traffic here, as JSON.")] = None,
) -> None:
    """Post the traffic of three made-up sites (shop, widget, community) to the collector."""
    from footfall.stack import simulation

    last = until.date() if until else simulation.last_day()
    with current_installation() as installation, progress() as bar:
        task = bar.add_task("posting", total=events)
        posted = simulation.simulate(
            installation, days, events, seed, last, lambda so_far: bar.update(task, completed=so_far.events)
        )
    if truth:
        simulation.write_truth(truth, days, events, seed, last)
    say(f"posted {posted.events:,} events in {posted.batches:,} batches, {days} days until {last}.")
    say("Next: footfall nightly")
