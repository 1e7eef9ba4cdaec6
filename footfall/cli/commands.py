"""All commands, put together from their parts. Each part is a module of this package."""

from typing import Annotated

import typer

from footfall.cli import (
    alarm,
    ask,
    backup,
    dbt_package,
    demo,
    docs,
    export,
    funnel,
    goal,
    history,
    mcp,
    metrics,
    person,
    pipeline,
    property,
    psql,
    readers,
    rejects,
    report,
    retention,
    run,
    service,
    share,
    site,
    stack,
    superset,
    token,
    traffic,
)
from footfall.cli.console import say

typed = typer.Typer(
    name="footfall",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for part in (
    *(
        stack,
        run,
        service,
        site,
        token,
        share,
        property,
        goal,
        funnel,
        pipeline,
        rejects,
        history,
        traffic,
        retention,
        person,
        backup,
        readers,
    ),
    *(alarm, report, ask, export, metrics, docs, dbt_package, mcp, superset, psql, demo),
):
    part.register(typed)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        say(f"footfall {version('footfall')}")
        raise typer.Exit


@typed.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Footfall: an exact batch warehouse for web and app behaviour."""
