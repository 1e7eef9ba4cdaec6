"""`footfall token`: who may read over HTTP."""

from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import complain, say, table
from footfall.cli.context import current_installation

if TYPE_CHECKING:
    from warehouse.access.limits import TokenLimits

Name = Annotated[str, typer.Argument(help="The token's name, such as reports.", show_default=False)]

PerMinute = Annotated[
    int | None, typer.Option(help="Requests a minute; without it as serving_rate_per_token says.", min=1, max=1_000_000)
]
AtOnce = Annotated[int | None, typer.Option(help="Requests that are answered at once; without it 4.", min=1, max=16)]
Rows = Annotated[
    int | None,
    typer.Option(help="Rows in a list of an answer, or in an export; without it any number.", min=1, max=2**31 - 1),
]

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
    requests_per_minute: PerMinute = None,
    concurrent: AtOnce = None,
    rows: Rows = None,
) -> None:
    """Make a token and show it, once. It reads within 5 seconds."""
    from warehouse.access.limits import TokenLimits
    from warehouse.access.tokens import add_token

    if bool(site) == all_sites:
        complain("say what it may read: --site, or --all-sites")
    limits = TokenLimits(requests_per_minute, concurrent, rows)
    with current_installation() as installation, installation.engine.begin() as connection:
        made = add_token(connection, name, site or [], user, origin or [], expires, contacts, limits=limits)
    say(f"Token {name}, shown this once; only its hash is kept:")
    say(f"  {made.written}", style="bold")


@app.command("list")
def list_all() -> None:
    """Show all tokens, what each reads, and when it was last used."""
    from warehouse.access.tokens import list_tokens

    with current_installation() as installation, installation.engine.begin() as connection:
        found, per_second = list_tokens(connection), installation.settings.serving_rate_per_token
    table(
        "Tokens",
        ["token", "state", "sites", "user", "contacts", "page", "origins", "limits", "expires", "last used"],
        [
            (
                token.name,
                token.state,
                "all" if token.sees_all_sites else ", ".join(token.sites) or "none",
                token.user,
                "yes" if token.reads_contacts else "no",
                token.page or "all",
                ", ".join(token.origins) or "none",
                _limits(token.limits, per_second),
                f"{token.expires_at:%Y-%m-%d %H:%M}" if token.expires_at else "never",
                f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else None,
            )
            for token in found
        ],
    )


@app.command()
def limit(name: Name, requests_per_minute: PerMinute = None, concurrent: AtOnce = None, rows: Rows = None) -> None:
    """Give a token other limits, within 5 seconds; one that is not named is that of all tokens."""
    from warehouse.access.limits import TokenLimits
    from warehouse.access.tokens import limit_token

    limits = TokenLimits(requests_per_minute, concurrent, rows)
    with current_installation() as installation, installation.engine.begin() as connection:
        limit_token(connection, name, limits)
        per_second = installation.settings.serving_rate_per_token
    say(f"{name}: {_limits(limits, per_second)}")


@app.command()
def revoke(name: Name) -> None:
    """End a token at once, also in open connections."""
    from warehouse.access.tokens import revoke_token

    with current_installation() as installation, installation.engine.begin() as connection:
        revoke_token(connection, name)
    say(f"revoked {name}")


def _limits(limits: "TokenLimits", per_second: int) -> str:
    from warehouse.access.limits import MOST_AT_ONCE

    requests = limits.requests_per_minute or 60 * per_second or "any"
    return f"{requests} a minute, {limits.at_once or MOST_AT_ONCE} at once, {limits.rows or 'any'} rows"
