"""`footfall rejects`: what was rejected and why, and loading it once the reason is gone."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import complain, say, table
from footfall.cli.context import current_installation

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ingestion.rejects.found import Wanted

Reason = Annotated[str | None, typer.Option(help="Only rejects for this reason, such as too_large.")]
Site = Annotated[str | None, typer.Option(help="Only rejects of this site; without it, of all.")]
Since = Annotated[
    datetime | None,
    typer.Option(help="Only what was received since this moment, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]

app = typer.Typer(no_args_is_help=True, help="Rejected events: why, what fixes them, and loading them again.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="rejects")


@app.command("list")
def list_all(reason: Reason = None, site: Site = None, since: Since = None) -> None:
    """Show rejected events by site and reason, with an example and what would fix it."""
    from ingestion.rejects.found import groups
    from ingestion.rejects.reasons import FIXES

    with current_installation() as installation, installation.engine.connect() as connection:
        found = groups(connection, _wanted(connection, reason, site, since))
    if not found:
        say("nothing that was loaded is rejected")
        say(_UNLANDED)
        return
    table(
        "Rejects",
        ["site", "reason", "field", "events", "first received", "last received"],
        [
            (g.site_id, g.reason, g.field, g.count, _moment(g.first_received_at), _moment(g.last_received_at))
            for g in found
        ],
    )
    for group in found:
        say()
        say(" ".join(filter(None, (group.site_id, group.reason, group.field))), style="bold")
        say(f"  newest: {group.example}")
        say(f"  fix: {FIXES[group.reason]}")
    say()
    say("When the reason is gone: footfall rejects replay")
    say(_UNLANDED)


@app.command()
def show(
    reason: Reason = None,
    site: Site = None,
    since: Since = None,
    rows: Annotated[int, typer.Option(help="How many, the newest.", min=1)] = 20,
) -> None:
    """Show rejected events one by one, without what may name a person."""
    from ingestion.rejects.found import newest

    with current_installation() as installation, installation.engine.connect() as connection:
        found = newest(connection, _wanted(connection, reason, site, since), rows)
    if not found:
        say("nothing that was loaded is rejected")
    for reject in found:
        why = " ".join(filter(None, (reject.site_id, reject.reason, reject.field)))
        say(f"{_moment(reject.received_at)}  {why}", style="bold")
        say(f"  {reject.said}")
        say(f"  line {reject.line_number:,} of {reject.file_name or 'a file that the ledger no longer has'}")


@app.command()
def replay(reason: Reason = None, site: Site = None, since: Since = None) -> None:
    """Load rejected events that pass the rules of today, each once. Again, it changes nothing."""
    from footfall.pipeline import night
    from ingestion.rejects.reasons import FIXES
    from ingestion.rejects.replay import replay as land

    with current_installation() as installation:
        with installation.engine.connect() as connection:
            wanted = _wanted(connection, reason, site, since)
        done = land(installation.engine, installation.settings.landing, wanted)
        if done.left:
            rows = [(each, count, FIXES[each]) for each, count in done.left.most_common()]
            table("Still rejected", ["reason", "events", "what fixes it"], rows)
        if not done.landed:
            say("no reject passes the rules of today: nothing to load")
            return
        say(f"{done.landed:,} rejects pass the rules of today")
        report = night.load(installation)
    say(f"loaded {report}. Next: footfall nightly")
    report.raise_for_refused()


_UNLANDED = "Requests that the collector refused whole (unknown key, origin) were not stored: footfall site check NAME"


def _wanted(connection: "Connection", reason: str | None, site: str | None, since: datetime | None) -> "Wanted":
    from ingestion.rejects.found import Wanted
    from ingestion.rejects.reasons import FIXES
    from warehouse.access.sites import require_site

    if reason and reason not in FIXES:
        complain(f"no event is rejected as {reason}; reasons are: {', '.join(FIXES)}")
    # Rejects of a site that is yet to be added name it, too.
    if site and reason != "unknown_site":
        require_site(connection, site)
    return Wanted(reason, site, since and since.replace(tzinfo=UTC))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
