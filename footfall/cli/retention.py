"""`footfall retain` and `footfall retention`: what is kept how long, and pruning the rest."""

from datetime import datetime
from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation

app = typer.Typer(no_args_is_help=True, help="How long each kind of data is kept.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.command()(retain)
    parent.add_typer(app, name="retention")


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    confirm_today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The date of today (UTC), where retention does not believe its clock."),
    ] = None,
) -> None:
    """Prune what is older than its policy. Days that are not published yet are never touched."""
    from footfall.pipeline.installation import published_marts
    from warehouse.postgres.roles import Role
    from warehouse.retention import policies
    from warehouse.retention import prune as retention

    with current_installation(frees_room=True) as installation:
        engine, marts = installation.engine_of(Role.RETENTION), published_marts(installation)
        confirmed = confirm_today.date() if confirm_today else None
        done = retention.prune(engine, installation.settings, marts, dry_run, confirmed)
        pruned = [found for found in done if found.rows]
    if not pruned:
        say("nothing is due")
        return
    table(
        "Would be pruned" if dry_run else "Pruned",
        ["policy", "kind", "from", "rows", "bytes"],
        [(found.policy, found.kind or policies.ALL, found.relation, found.rows, int(found.bytes)) for found in pruned],
    )


@app.command()
def forget(
    day: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE", help="The first wrong date.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take dates in the future out of the record, where a clock was wrong once: DATE and later ones become now."""
    from warehouse.retention import clock

    with current_installation() as installation, installation.engine.begin() as connection:
        found = clock.forget(connection, day.date())
        table(f"On record with {day.date()} or later", ["table", "rows"], sorted(found.items()))
        if not yes:
            typer.confirm(
                f"Is today {clock.read_clock(connection).today} (UTC), and are these dates wrong?", abort=True
            )
    say("they are dated now; events keep their days")


@app.command("list")
def list_all() -> None:
    """Show all policies; those that separate anonymous and signed-in people once for each kind."""
    from warehouse.postgres.roles import Role
    from warehouse.retention import policies

    with current_installation() as installation, installation.engine_of(Role.ANALYST).connect() as connection:
        known = policies.list_policies(connection)
    table(
        "Retention",
        ["policy", "kind", "days", "what"],
        [(p.name, p.kind, "never pruned" if p.keep_days is None else str(p.keep_days), p.description) for p in known],
    )


@app.command("set")
def set_policy(
    name: Annotated[str, typer.Argument(help="The policy, such as raw_events.", show_default=False)],
    days: Annotated[
        str, typer.Argument(metavar="DAYS|never", help="Days to keep, or never to prune.", show_default=False)
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="anonymous|signed_in",
            help="Only for that kind of people. By default for all that the policy is about.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Change how long something is kept. The next `footfall retain` applies it."""
    from warehouse.access.sites import write_registry
    from warehouse.retention import policies

    with current_installation() as installation, installation.engine.begin() as connection:
        policies.set_policy(connection, name, _days(days), kind)
        write_registry(connection, installation.settings.site_registry)
    say(f"{name}{f' of {kind} people' if kind else ''}: {'never pruned' if days == 'never' else f'{days} days'}")


def _days(text: str) -> int | None:
    from warehouse.retention import policies

    if text == "never":
        return None
    if not text.isdecimal():
        raise policies.RetentionError(f"{text!r} is neither a number of days nor `never`: give one of them")
    return int(text)
