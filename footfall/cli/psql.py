"""`footfall psql`: SQL as the read-only analyst."""

import os

import typer

from footfall.cli.context import current_installation

_TAKES_ALL = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["--help"]}


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command(context_settings=_TAKES_ALL)(psql)


def psql(context: typer.Context) -> None:
    """SQL on the marts as the read-only analyst. Takes psql's own options: footfall psql -At -c "select …"."""
    from warehouse.postgres.connect import child_environment
    from warehouse.postgres.roles import Role
    from warehouse.postgres.server import BINARIES

    with current_installation() as installation:
        analyst = installation.database.roles[Role.ANALYST]
    program = str(BINARIES / "psql")
    os.execve(program, [program, *context.args], child_environment(dict(os.environ), analyst))
