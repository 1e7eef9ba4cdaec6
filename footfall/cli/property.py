"""`footfall property`: properties of events that become columns, counts, and a way to find events."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation

if TYPE_CHECKING:
    from sqlalchemy import Connection

Name = Annotated[str, typer.Argument(help="The property, such as video_title.", show_default=False)]
Event = Annotated[str, typer.Option(help="The event that has it, such as video_played.", show_default=False)]
Site = Annotated[str, typer.Option(help="The site that sends it.", show_default=False)]


class Type(StrEnum):
    """What its values are. A value that is none is null in the column."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


app = typer.Typer(no_args_is_help=True, help="Properties of events: columns of marts.events_…, counted by value.")


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.add_typer(app, name="property")


@app.command()
def add(
    name: Name,
    event: Event,
    site: Site,
    type_: Annotated[Type, typer.Option("--type", help="What its values are, the same on all sites.")] = Type.TEXT,
    description: Annotated[str, typer.Option(help="What it says, for the column's comment.")] = "",
) -> None:
    """Declare a property: a column of marts.events_EVENT now, counted and found by value from the next night on."""
    from footfall.pipeline.dbt import variables
    from footfall.pipeline.installation import published_marts
    from warehouse.publication.declared_properties import DeclaredProperty, add_property, properties_left_out

    wanted = DeclaredProperty(site, event, name, type_.value, description)
    with current_installation() as installation:
        (events,) = (mart for mart in published_marts(installation) if mart.name == "events")
        with installation.engine.begin() as connection:
            days = add_property(connection, wanted, events, properties_left_out(variables()))
            _ensure_views(connection)
    say(f"{name}: it was declared so before" if days is None else f"{name}: the next night builds {days} days again")
    say(f"its column is {wanted.column}, once events are published")


@app.command("list")
def list_all() -> None:
    """Show all declared properties and their columns."""
    from warehouse.publication.declared_properties import list_properties

    with current_installation() as installation, installation.engine.begin() as connection:
        found = list_properties(connection)
    table(
        "Properties",
        ["event", "property", "type", "site", "column", "description"],
        [(each.event_name, each.name, each.type, each.site_id, each.column, each.description) for each in found],
    )


@app.command()
def remove(name: Name, event: Event, site: Site) -> None:
    """Remove a declared property of a site. Its column goes with the last site that declares it."""
    from warehouse.publication.declared_properties import remove_property

    with current_installation() as installation, installation.engine.begin() as connection:
        days = remove_property(connection, site, event, name)
        _ensure_views(connection)
    say(f"{name}: the next night builds {days} days again, without it; days whose raw events are gone stay")


def _ensure_views(connection: "Connection") -> None:
    """Make the views as they are declared now, in the same transaction: if one cannot be made, nothing is declared."""
    from warehouse.postgres.locks import MIGRATION, exclusive
    from warehouse.postgres.roles import Role
    from warehouse.tables.property_views import ensure_property_views

    exclusive(connection, MIGRATION)
    connection.exec_driver_sql(f"set local role {Role.PUBLISHER}")
    ensure_property_views(connection)
