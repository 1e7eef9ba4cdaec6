"""`footfall site`: sites, their write keys, and who may read them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from footfall.cli.console import complain, mark, say, table
from footfall.cli.context import current_installation

Name = Annotated[str, typer.Argument(help="The site's name, such as shop.", show_default=False)]
Currency = Annotated[str | None, typer.Option(help="The currency of amounts that come without one, such as EUR.")]


class KeyKind(StrEnum):
    """Who uses a key: pages and apps, where it is public, or a server, which keeps it secret."""

    BROWSER = "browser"
    SERVER = "server"


class Identity(StrEnum):
    """How devices are known: by the id that a client keeps, or by one that is derived at receipt, anew each day."""

    DEVICE = "device"
    COOKIELESS = "cookieless"


IdentityOption = Annotated[
    Identity | None,
    typer.Option(
        help="device: a device has the id that its client keeps. cookieless: the collector derives one from"
        " address and user agent, anew each day, so that browsers need to store nothing.",
        show_default=False,
    ),
]

app = typer.Typer(no_args_is_help=True, help="Sites, their write keys, and who may read them.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="site")


@app.command()
def add(
    name: Name,
    timezone: Annotated[str, typer.Option(help="IANA timezone: a day of this site is a day of this zone.")] = "UTC",
    origin: Annotated[
        list[str] | None, typer.Option(help="A browser origin that may post; repeat for more. None: any.")
    ] = None,
    currency: Currency = None,
    identity: IdentityOption = None,
) -> None:
    """Add a site and show its write key for pages, once. `rotate-key --kind server` gives one for a server."""
    from warehouse.access import sites
    from warehouse.publication.site_options import change_options, read_options

    wanted = read_options([f"currency={currency}"] if currency else [])
    with current_installation() as installation, installation.engine.begin() as connection:
        key = sites.add_site(connection, name, timezone, origin or [])
        change_options(connection, name, wanted)
        if identity:
            sites.set_identity(connection, name, identity.value)
        sites.write_registry(connection, installation.settings.site_registry)
    _show(name, key)


@app.command("set")
def change(
    name: Name,
    timezone: Annotated[str | None, typer.Option(help="IANA timezone: events move to the days of this zone.")] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="A browser origin that may post, in place of those before; repeat for more."),
    ] = None,
    any_origin: Annotated[bool, typer.Option("--any-origin", help="Let pages of any origin post.")] = False,
    framed_by: Annotated[
        list[str] | None,
        typer.Option(help="An origin whose pages may show shared pages in a frame, in place of those before; repeat."),
    ] = None,
    no_frame: Annotated[bool, typer.Option("--no-frame", help="Let no page show them in a frame.")] = False,
    currency: Currency = None,
    identity: IdentityOption = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="An option of the models, NAME=VALUE, for this site alone; `site show` lists them. Repeat."),
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option(help="An option for which the project's default holds again; repeat.")
    ] = None,
) -> None:
    """Change a site's timezone, origins, identity or options. The next night publishes again the days that change."""
    from footfall.pipeline import night
    from warehouse.access import sites
    from warehouse.postgres.locks import CANDIDATE, held
    from warehouse.publication.redate import change_zone
    from warehouse.publication.site_options import change_options, read_options

    if not any((timezone, origin, any_origin, framed_by, no_frame, currency, identity, option, unset)):
        complain(
            "say what to change: --timezone, --origin, --any-origin, --framed-by, --no-frame, --currency, --identity,"
            " --option or --unset"
        )
    wanted = read_options([*(option or []), *([f"currency={currency}"] if currency else [])])
    with current_installation() as installation:
        if wanted or unset:
            with installation.engine.begin() as connection:
                marked = change_options(connection, name, wanted, unset or [])
            say(f"{name}: nothing changed" if marked is None else f"{name}: the next night builds {marked} days again")
        if framed_by or no_frame:
            with installation.engine.begin() as connection:
                sites.set_frames(connection, name, [] if no_frame else framed_by or [])
        if origin or any_origin or identity:
            with installation.engine.begin() as connection:
                if origin or any_origin:
                    sites.set_origins(connection, name, [] if any_origin else origin or [])
                if identity:
                    sites.set_identity(connection, name, identity.value)
                sites.write_registry(connection, installation.settings.site_registry)
        if timezone:
            with held(installation.engine, CANDIDATE):
                with installation.engine.begin() as connection:
                    days = change_zone(connection, name, timezone)
                    sites.write_registry(connection, installation.settings.site_registry)
                say(f"{name}: the next night builds {days} days again; if interrupted, it goes on where this stopped")
                night.redate_sites(installation, say)


@app.command()
def remove(
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a site with all that is stored of it: events, marts, landed files, keys. Backups keep it."""
    from footfall.privacy import remove_site

    with current_installation() as installation:
        found = remove_site.look(installation, name)
        table("Would be removed" if dry_run else "To be removed", ["place", "count"], sorted(found.items()))
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Remove site {name} and all of this for good?", abort=True)
        gone = remove_site.remove(installation, name, say)
    table("Removed", ["place", "count"], sorted(gone.items()))
    say(f"site {name} is gone; backups of before still hold it")


@app.command("list")
def list_all() -> None:
    """Show all sites. Keys are known by their last four characters."""
    from warehouse.access import sites

    with current_installation() as installation, installation.engine.begin() as connection:
        found = sites.list_sites(connection)
    table(
        "Sites",
        ["site", "timezone", "identity", "origins", "active keys", "server keys"],
        [
            (
                *(s.site_id, s.timezone, s.identity, ", ".join(s.origins) or "any"),
                *(_hints(s.key_hints), _hints(s.server_key_hints)),
            )
            for s in found
        ],
    )


@app.command()
def show(name: Name) -> None:
    """Show the options of the models: what holds for the site, and what the project's default is."""
    from footfall.pipeline.dbt import variables
    from warehouse.publication.site_options import OPTIONS, own_options

    with current_installation() as installation, installation.engine.begin() as connection:
        own = own_options(connection, name)
    defaults = variables()
    rows = [
        (option, _written(own.get(option, defaults[option])), _written(defaults[option]), OPTIONS[option].takes)
        for option in OPTIONS
    ]
    table(f"Options of {name}", ["option", "value", "default", "takes"], rows)


@app.command()
def check(
    name: Name,
    minutes: Annotated[int, typer.Option(help="Look at so many minutes.", min=1)] = 15,
    page: Annotated[
        str | None, typer.Option(help="Fetch this page, https://my.site/, and look for the script in it.")
    ] = None,
) -> None:
    """Say which events came in the last minutes, from which pages, and what was refused and why. Else exit code 1."""
    from footfall.stack.processes import collector_url
    from footfall.stack.site_check import look, look_at_page

    with current_installation() as installation:
        found = look(installation, name, minutes)
        for trouble in found.troubles:
            mark(False, trouble)
        if page:
            for is_ok, line in look_at_page(found.site, installation, page):
                mark(is_ok, line)
        came = sum(row.event_count for row in found.arrived)
        robots = sum(row.robot_count for row in found.arrived)
        mark(bool(came), f"{came:,} events of {name} came in the last {minutes} minutes")
        if robots:
            mark(robots < came, f"{robots:,} of them are of robots by their user agent, which no figure counts")
        if came:
            rows = [(r.event_name, r.origin, r.event_count, _time(r.last_at)) for r in found.arrived]
            table("Events", ["event", "from", "events", "newest"], rows)
        if found.rejected:
            rejected = [(r.reason, r.field, r.reject_count, _time(r.last_at)) for r in found.rejected]
            table("Rejected alone; footfall rejects list says what fixes them", _REJECTED, rejected)
        if found.refused:
            table("Posts refused whole", _REFUSED, [(*r.kind, r.count, _time(r.last_at)) for r in found.refused])
            for each in found.refused:
                say(f"  {each.kind.reason} from {each.kind.origin}: {each.fix}")
        if not came:
            say(f"Pages of {', '.join(found.site.origins) or 'any origin'} may post. The script for them:")
            url = collector_url(installation.settings)
            say(f'  <script async src="{url}/tracker.js" data-key="{_key_of(found.site.key_hints)}"></script>')
            say("Where the collector lies behind a proxy, write its public address. All it sends: docs/tracker.md")
            raise typer.Exit(1)


@app.command("rotate-key")
def rotate_key(
    name: Name,
    kind: Annotated[
        KeyKind, typer.Option(help="server: a secret key that may say what the site's server knows of people.")
    ] = KeyKind.BROWSER,
) -> None:
    """Give a site a new key. The key of its kind before it stays valid until it is revoked; older ones end now."""
    from warehouse.access import sites

    with current_installation() as installation, installation.engine.begin() as connection:
        key = sites.rotate_key(connection, name, kind.value)
        sites.write_registry(connection, installation.settings.site_registry)
    _show(name, key)


@app.command("revoke-key")
def revoke_key(
    name: Name,
    hint: Annotated[str | None, typer.Option(help="Last four characters of the key; without it, all keys.")] = None,
) -> None:
    """End a site's keys. Collectors refuse them within seconds."""
    from warehouse.access import sites

    with current_installation() as installation, installation.engine.begin() as connection:
        revoked = sites.revoke_key(connection, name, hint)
        sites.write_registry(connection, installation.settings.site_registry)
    say(f"revoked {revoked} key{'s' if revoked > 1 else ''} of {name}")


@app.command()
def analyst(
    name: Name,
    revoke: Annotated[bool, typer.Option("--revoke", help="End it instead: it reads nothing from now on.")] = False,
    contacts: Annotated[bool, typer.Option("--contacts", help="It reads contacts, too.")] = False,
) -> None:
    """Make a reader of this site's rows in marts and live, and of no other's. Again, it gets a new password."""
    from footfall.stack.status import connection_string
    from warehouse.access.site_analysts import renew_site_analyst, revoke_site_analyst

    with current_installation() as installation, installation.engine.begin() as connection:
        if revoke:
            say(f"revoked {revoke_site_analyst(connection, name)}")
            return
        role, password = renew_site_analyst(connection, name, contacts)
    say(f"Analyst of {name}: {connection_string(installation.settings, role)}")
    say("Its password, shown this once:")
    say(f"  {password}", style="bold")


def _written(value: object) -> str:
    """An option's value as `--option` takes it; a dash for none."""
    written = ", ".join(value) if isinstance(value, list) else str(value)
    return (written.lower() if isinstance(value, bool) else written) or "–"


_REJECTED = ["reason", "field", "events", "newest"]
_REFUSED = ["reason", "site of the key", "origin", "posts", "newest"]


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def _key_of(hints: tuple[str, ...]) -> str:
    return f"ff_…{hints[-1]}" if hints else "ff_…"


def _hints(hints: tuple[str, ...]) -> str:
    return " ".join(f"…{hint}" for hint in hints)


def _show(name: str, key: str) -> None:
    say(f"Write key of {name}, shown this once; only its hash is kept:")
    say(f"  {key}", style="bold")
