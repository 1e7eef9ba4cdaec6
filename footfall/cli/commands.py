"""All commands, put together from their parts. Each part is a module of this package."""

import typer

from footfall.cli import (
    alarm,
    ask,
    backup,
    demo,
    docs,
    export,
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
    share,
    site,
    stack,
    token,
    traffic,
)

typed = typer.Typer(
    name="footfall",
    help="Footfall: an exact batch warehouse for web and app behaviour.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for part in (
    *(stack, site, token, share, property, pipeline, rejects, history, traffic, retention, person, backup, readers),
    *(alarm, report, ask, export, metrics, docs, mcp, psql, demo),
):
    part.register(typed)
