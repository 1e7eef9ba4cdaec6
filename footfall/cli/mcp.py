"""`footfall mcp`: answers for an assistant, by the Model Context Protocol."""

import os
from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import complain
from footfall.cli.context import current_installation
from runtime.settings import load_settings

TOKEN = "FOOTFALL_TOKEN"  # noqa: S105


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(mcp)


def mcp(
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"A file with a token of `footfall token add`; or set {TOKEN}. Without one, the analyst reads.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Answer an assistant over standard input and output (Model Context Protocol), read-only."""
    from serving.mcp.stdio import run
    from warehouse.access.credential import read_credential

    # `footfall token add` prints a line before it.
    written = "".join(token_file.read_text().split()[-1:]) if token_file else os.environ.get(TOKEN)
    if written is not None and read_credential(written) is None:
        complain(f"{token_file or TOKEN} holds no token; `footfall token add` makes one")
    with current_installation():
        pass  # The database runs, and is up to date.
    run(load_settings(), written)
