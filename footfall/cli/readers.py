"""`footfall readers`: who reads in the database now, who is beyond a limit, and how to end that."""

from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation
from runtime.errors import FootfallError


class NoReader(FootfallError):
    """A session that is no reader's, or has ended."""


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(readers)


def readers(
    end: Annotated[bool, typer.Option("--end", help="End what is beyond a limit, and put settings back.")] = False,
    pid: Annotated[int | None, typer.Option(help="End this reader's session.", show_default=False)] = None,
) -> None:
    """Show the sessions of readers, and which limit they are beyond."""
    from warehouse.access.readers import end as end_session
    from warehouse.access.readers import enforce, sessions
    from warehouse.postgres.roles import Role

    with current_installation(frees_room=True) as installation:
        if pid is not None:
            with installation.engine.begin() as connection:
                if not end_session(connection, pid):
                    raise NoReader(f"{pid} is no reader's session; `footfall readers` shows them")
            say(f"ended {pid}")
            return
        if end:
            say(str(enforce(installation.engine, installation.database.roles[Role.ANALYST])))
            return
        with installation.engine.connect() as connection:
            found = sessions(connection)
    if not found:
        say("no reader is connected")
        return
    table(
        "Readers",
        ["pid", "role", "state", "transaction since", "beyond", "last query"],
        [
            (str(s.pid), s.role, s.state, f"{s.since:%Y-%m-%d %H:%M:%S}" if s.since else None, s.beyond, s.query)
            for s in found
        ],
    )
