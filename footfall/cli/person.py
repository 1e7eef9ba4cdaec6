"""`footfall person`: what is known of one person, to hand over or to erase."""

from typing import Annotated, Literal

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation

Site = Annotated[str, typer.Option(help="The site.", show_default=False)]
User = Annotated[str | None, typer.Option(help="The person, by user id.", show_default=False)]
Device = Annotated[str | None, typer.Option(help="The person, by device (anonymous_id).", show_default=False)]
MostDevices = Annotated[
    int | None, typer.Option(help="Refuse who has more (default 1,000): a program's account, most likely.", min=1)
]

Asked = Annotated[Literal["export", "erase", "readmit"], typer.Argument(help="export or erase.", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="Export and erase what is known of one person.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="person")


@app.command()
def export(site: Site, user: User = None, device: Device = None, most_devices: MostDevices = None) -> None:
    """Write all that is known of a person into a folder: JSON, and CSV that is safe in a spreadsheet."""
    from footfall.privacy import requests as privacy

    subject = privacy.subject_of(site, user, device)
    with current_installation() as installation:
        asked = privacy.request(installation, "export", subject, most_devices)
        receipt = privacy.carry_out(installation, asked, say)
    table("Exported", ["place", "rows"], sorted(receipt.places.items()))


@app.command()
def erase(
    site: Site,
    user: User = None,
    device: Device = None,
    most_devices: MostDevices = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person everywhere, keep their events out from now on, and restate the days that this changes."""
    from footfall.privacy import requests as privacy
    from footfall.privacy.receipt import receipt_path
    from warehouse.privacy.requests import ErasureReceipt

    subject = privacy.subject_of(site, user, device)
    with current_installation() as installation:
        found = privacy.look(installation, subject, most_devices)
        table(
            "Would be erased" if dry_run else "To be erased",
            ["place", "rows", "bytes"],
            [(each.place, each.rows, each.bytes) for each in found],
        )
        if dry_run:
            return
        if not any(each.rows for each in found):
            say("Nothing is known of this person. If you go on, later events of the person are kept out all the same.")
        if not yes:
            typer.confirm("Erase this for good?", abort=True)
        asked = privacy.request(installation, "erase", subject, most_devices)
        receipt = privacy.carry_out(installation, asked, say)
        table("Erased", ["place", "rows"], sorted(receipt.places.items()))
        if isinstance(receipt, ErasureReceipt):
            say(f"Days built again: {receipt.days - receipt.days_left:,}; still to build: {receipt.days_left:,}")
            days = installation.settings.erasure_days
            say(f"No query shows the person any more. The bytes leave the database's files within {days} days.")
        say(f"Receipt: {receipt_path(installation.settings, asked)}")


@app.command()
def purge() -> None:
    """Write the database's files anew, so that no byte of erased people is in them. Readers of a table wait."""
    from footfall.privacy.purge import purge as write_anew

    with current_installation() as installation:
        purged = write_anew(installation, say)
        if not purged.seconds and not purged.left and not purged.requests:
            say("nothing to do: no file holds bytes of erased people")
            return
    if purged.left:
        say(f"bytes of erased people may be left in {len(purged.left):,} places; run this again")
        raise typer.Exit(1)
    say(f"{purged.requests:,} erasures are complete: no file of the database holds a byte of these people")


@app.command()
def readmit(site: Site, user: User = None, device: Device = None) -> None:
    """Take events of an erased person again, from now on."""
    from footfall.privacy import requests as privacy

    subject = privacy.subject_of(site, user, device)
    with current_installation() as installation:
        privacy.carry_out(installation, privacy.request(installation, "readmit", subject), say)
    say("Events that occur from now on are taken; those before stay out.")


@app.command()
def request(
    action: Asked,
    site: Site,
    user: User = None,
    device: Device = None,
    most_devices: MostDevices = None,
) -> None:
    """Ask for an export or erasure, for Dagster's job to carry out within a minute."""
    from footfall.privacy import requests as privacy

    with current_installation() as installation:
        asked = privacy.request(installation, action, privacy.subject_of(site, user, device), most_devices)
    say(f"request {asked}; `footfall person requests` shows what becomes of it")


@app.command()
def requests() -> None:
    """Show all requests and what became of them. Whom they are about is kept as a keyed hash only."""
    from warehouse.postgres.roles import Role
    from warehouse.privacy.requests import list_requests

    with current_installation() as installation, installation.engine_of(Role.ERASER).connect() as connection:
        found = list_requests(connection)
    table(
        "Requests", ["number", "asked", "by", "what", "site", "who", "state", "done", "unreadable", "bytes gone"], found
    )
    if not found:
        say("none yet", style="dim")
