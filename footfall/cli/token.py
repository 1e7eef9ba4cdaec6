"""`footfall token`: who may read over HTTP."""

from typing import Annotated

import typer

from footfall.cli.console import complain, say, table
from footfall.cli.context import current_installation

Name = Annotated[str, typer.Argument(help="The token's name, such as reports.", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="Tokens, and what each may read over HTTP.")


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.add_typer(app, name="token")


@app.command()
def add(
    name: Name,
    site: Annotated[list[str] | None, typer.Option(help="A site whose rows it reads; repeat for more.")] = None,
    all_sites: Annotated[bool, typer.Option("--all-sites", help="It reads every site, also later ones.")] = False,
    user: Annotated[str | None, typer.Option(help="It reads only the rows of this user of the one site.")] = None,
    contacts: Annotated[
        bool,
        typer.Option(
            "--contacts", help="It reads contacts and addresses, too; each such answer is in ops.contact_reads."
        ),
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="An origin whose pages may read its answers; repeat for more. None: no page may."),
    ] = None,
    expires: Annotated[int | None, typer.Option(help="It ends after so many days.", min=1, max=36_500)] = None,
) -> None:
    """Make a token and show it, once. It reads within 5 seconds."""
    from warehouse.access.tokens import add_token

    if bool(site) == all_sites:
        complain("say what it may read: --site, or --all-sites")
    with current_installation() as installation, installation.engine.begin() as connection:
        made = add_token(connection, name, site or [], user, origin or [], expires, contacts)
    say(f"Token {name}, shown this once; only its hash is kept:")
    say(f"  {made.written}", style="bold")


@app.command("list")
def list_all() -> None:
    """Show all tokens, what each reads, and when it was last used."""
    from warehouse.access.tokens import list_tokens

    with current_installation() as installation, installation.engine.begin() as connection:
        found = list_tokens(connection)
    table(
        "Tokens",
        ["token", "state", "sites", "user", "contacts", "page", "origins", "expires", "last used"],
        [
            (
                token.name,
                token.state,
                "all" if token.sees_all_sites else ", ".join(token.sites) or "none",
                token.user,
                "yes" if token.reads_contacts else "no",
                token.page or "all",
                ", ".join(token.origins) or "none",
                f"{token.expires_at:%Y-%m-%d %H:%M}" if token.expires_at else "never",
                f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else None,
            )
            for token in found
        ],
    )


@app.command()
def revoke(name: Name) -> None:
    """End a token at once, also in open connections."""
    from warehouse.access.tokens import revoke_token

    with current_installation() as installation, installation.engine.begin() as connection:
        revoke_token(connection, name)
    say(f"revoked {name}")
