"""`footfall share`: a link that shows one page to who has it, until it expires."""

from typing import Annotated

import typer

from footfall.cli.console import say
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(share)


def share(
    address: Annotated[
        str, typer.Argument(help="The page as its address says it, such as '/sites/shop/overview?days=28'.")
    ],
    days: Annotated[int, typer.Option(help="The link ends after so many days.", min=1, max=365)] = 7,
) -> None:
    """Make a link that shows this page, and nothing else, to who has it. `footfall token revoke` ends it."""
    from footfall.stack.processes import serving_url
    from serving.page.shared import FOLDER, page_at
    from warehouse.access.share import share as make_link

    page, view = page_at(address)
    with current_installation() as installation, installation.engine.begin() as connection:
        name, link = make_link(connection, installation.settings, view.site, view.address(page.name), days)
        url = serving_url(installation.settings)
    say(f"Link {name}, shown this once, for {days} days:")
    say(f"  {url}{FOLDER}/{link}", style="bold")
    say(f"`footfall token list` shows all; `footfall token revoke {name}` ends it.")
