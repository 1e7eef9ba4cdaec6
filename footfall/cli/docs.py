"""`footfall docs`: the dbt documentation."""

import webbrowser
from typing import Annotated

import typer

from footfall.cli.console import say, working
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(docs)


def docs(
    port: Annotated[int, typer.Option(help="First choice of the page's port.")] = 3080,
    serve: Annotated[bool, typer.Option(help="Serve the page on loopback until Ctrl-C.")] = True,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Write the dbt documentation of all marts, metrics and their lineage as one page, and serve it."""
    from footfall.answers.documentation import LOOPBACK, server, write_page
    from runtime import ports

    with current_installation() as installation, working("writing the documentation"):
        page = write_page(installation)
        port = ports.claim(installation.settings.home / "run" / "docs.port", port) if serve else 0
    say(f"Page: {page}")
    url = f"http://{LOOPBACK}:{port}/" if serve else page.as_uri()
    if open_page:
        webbrowser.open(url)
    if serve:
        say(f"Serving {url}; stop it with Ctrl-C.")
        try:
            server(page.parent, port).serve_forever()
        except KeyboardInterrupt:
            say("stopped")
