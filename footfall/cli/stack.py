"""`footfall up`, `down`, `status`, `doctor`: what runs, and how it is."""

from typing import Annotated

import typer

from footfall.cli.console import interrupted, mark, say, table, warn, working
from runtime.settings import load_settings


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (up, down, status, doctor):
        parent.command()(command)


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything runs.")] = False,
) -> None:
    """Start PostgreSQL, the collector, and Dagster's page and daemon. Does nothing for what already runs."""
    from footfall.stack import status as state
    from footfall.stack.processes import collector_url, dagster_url
    from footfall.stack.stack import start, stop

    settings = load_settings()
    with working("starting PostgreSQL, the collector and Dagster"):
        start(settings)
    say(f"Collector  {collector_url(settings)}/v1/events")
    if settings.is_exposed:
        warn("other machines can reach the collector. Without TLS in front, keys and events are readable.")
    say(f"Dagster    {dagster_url(settings)}")
    say(f"Database   {state.connection_string(settings)}")
    say(f"           password in {state.password_file(settings)}")
    if detach:
        say("Stop it with: footfall down")
        return
    say("Stop it with Ctrl-C.")
    interrupted().wait()
    stop(settings, say)


def down() -> None:
    """Stop everything that `up` started. Nothing acknowledged is lost."""
    from footfall.stack.stack import stop

    settings = load_settings()
    stop(settings, say)
    say("everything is stopped")


def status() -> None:
    """Show what runs where, and what is landed, dirty and published, and how fresh it is."""
    from footfall.pipeline.installation import open_installation
    from footfall.stack import status as state

    settings = load_settings()
    table("Processes", ["what", "where", "state"], state.running(settings))
    with open_installation(settings) as installation:
        if silence := state.silence(installation):
            say(silence)
            return
        say()
        table("Data", ["what", "how much", "newest"], state.data(installation))
        for warning in (*state.sites_left_out(installation), *state.days_held_back(installation)):
            warn(str(warning))


def doctor() -> None:
    """Name what is wrong and how to fix it. Exit code 1 if anything is."""
    from footfall.stack.doctor import examine

    findings = examine(load_settings())
    for finding in findings:
        mark(finding.ok, finding.what)
        if finding.fix:
            say(f"  → {finding.fix}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
