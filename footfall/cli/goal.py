"""`footfall goal`: what a site wants its visitors to reach, counted each day."""

from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation

Name = Annotated[str, typer.Argument(help="What it is called, such as newsletter.", show_default=False)]
Site = Annotated[str, typer.Option(help="The site whose goal it is.", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="Goals: events and pages that a site counts in marts.daily_goals.")


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.add_typer(app, name="goal")


@app.command()
def add(
    name: Name,
    site: Site,
    event: Annotated[str | None, typer.Option(help="The event that reaches it.", show_default=False)] = None,
    path: Annotated[
        str | None, typer.Option(help="The page that reaches it when viewed; * is any text.", show_default=False)
    ] = None,
    property_: Annotated[
        str | None,
        typer.Option("--property", metavar="K=V", help="Only events with this property.", show_default=False),
    ] = None,
    value: Annotated[
        str | None, typer.Option(help="The property that says what it is worth.", show_default=False)
    ] = None,
) -> None:
    """Add a goal. The next night counts it on all days whose raw events are there."""
    from footfall.pipeline.dbt import variables
    from warehouse.goals.goals import Goal, add_goal
    from warehouse.goals.step import GoalError, read_step

    if (event is None) == (path is None):
        raise GoalError(f"{name}: give either --event or --path, what reaches the goal")
    if path is not None and not path.startswith("/"):
        raise GoalError(f"{path!r} can never match: give the path alone, from / on, as in /thank-you")
    key, equals, wanted = property_.partition("=") if property_ is not None else (None, "=", None)
    if not equals:
        raise GoalError(f"--property takes a property and its value, as in plan=yearly, not {property_!r}")
    goal = Goal(site, name, read_step(path or f"event:{event}"), key, wanted, value)
    with current_installation() as installation, installation.engine.begin() as connection:
        days = add_goal(connection, goal, variables())
    say(f"{name}: it was so before" if days is None else f"{name}: the next night builds {days} days again")


@app.command("list")
def list_all() -> None:
    """Show all goals, and what reaches them."""
    from warehouse.goals.goals import list_goals

    with current_installation() as installation, installation.engine.begin() as connection:
        found = list_goals(connection)
    table(
        "Goals",
        ["site", "goal", "is reached by", "with", "worth its"],
        [
            (
                goal.site_id,
                goal.name,
                str(goal.step),
                f"{goal.property}={goal.property_value}" if goal.property else None,
                goal.value_property,
            )
            for goal in found
        ],
    )


@app.command()
def remove(name: Name, site: Site) -> None:
    """Remove a goal of a site. Days whose raw events are gone stay counted."""
    from warehouse.goals.goals import remove_goal

    with current_installation() as installation, installation.engine.begin() as connection:
        days = remove_goal(connection, site, name)
    say(f"{name}: the next night builds {days} days again, without it; days whose raw events are gone stay")
