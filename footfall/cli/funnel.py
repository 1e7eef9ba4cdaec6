"""`footfall funnel`: steps that a site wants its visitors to take one after the other, counted each day."""

from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation

Name = Annotated[str, typer.Argument(help="What it is called, such as signup.", show_default=False)]
Site = Annotated[str, typer.Option(help="The site whose funnel it is.", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="Funnels: steps in order that a site counts in marts.daily_funnels.")


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.add_typer(app, name="funnel")


@app.command()
def add(
    name: Name,
    steps: Annotated[
        list[str],
        typer.Argument(metavar="STEP...", help="event:NAME, or the path of a page; * is any text.", show_default=False),
    ],
    site: Site,
) -> None:
    """Add a funnel. The next night counts it on all days whose raw events are there."""
    from footfall.pipeline.dbt import variables
    from warehouse.goals.funnels import Funnel, add_funnel
    from warehouse.goals.step import read_step

    funnel = Funnel(site, name, tuple(map(read_step, steps)))
    with current_installation() as installation, installation.engine.begin() as connection:
        days = add_funnel(connection, funnel, variables())
    say(f"{name}: it was so before" if days is None else f"{name}: the next night builds {days} days again")


@app.command("list")
def list_all() -> None:
    """Show all funnels and their steps."""
    from warehouse.goals.funnels import list_funnels

    with current_installation() as installation, installation.engine.begin() as connection:
        found = list_funnels(connection)
    table("Funnels", ["site", "funnel", "steps"], [(funnel.site_id, funnel.name, str(funnel)) for funnel in found])


@app.command()
def remove(name: Name, site: Site) -> None:
    """Remove a funnel of a site. Days whose raw events are gone stay counted."""
    from warehouse.goals.funnels import remove_funnel

    with current_installation() as installation, installation.engine.begin() as connection:
        days = remove_funnel(connection, site, name)
    say(f"{name}: the next night builds {days} days again, without it; days whose raw events are gone stay")
