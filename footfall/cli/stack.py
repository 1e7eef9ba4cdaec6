"""`footfall up`, `down`, `serve`, `status`, `doctor`: what runs, and how it is."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from footfall.cli.console import complain, hand_over_json, interrupted, mark, say, table, warn, working
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from footfall.stack.status import Row

_FOR_PROGRAMS = typer.Option("--json", help="For programs: one JSON document.")


_OF_SITES = ["site", "newest event", "last hour", "rejected", "published days", "waiting", "held back"]


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (up, down, serve, status, doctor):
        parent.command()(command)


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything runs.")] = False,
) -> None:
    """Start PostgreSQL, the collector and its follower, answers over HTTP, and Dagster. What runs is left alone."""
    from footfall.stack.keeper import in_foreground, keep
    from footfall.stack.stack import stop

    settings = load_settings()
    if detach:
        _start(settings)
        say("Stop it with: footfall down")
        return
    with in_foreground(settings):
        _start(settings, is_kept=False)
        say("Stop it with Ctrl-C.")
        try:
            keep(settings, interrupted(), partial(report_death, settings), gives_up=True)
        finally:
            stop(settings, say)


def _start(settings: Settings, is_kept: bool = True) -> None:
    from footfall.stack import status as state
    from footfall.stack.processes import collector_url, dagster_url, serving_url
    from footfall.stack.stack import start

    with working("starting PostgreSQL, the collector and its follower, answers over HTTP and Dagster"):
        start(settings, is_kept)
    say(f"Collector  {collector_url(settings)}/v1/events")
    if settings.is_exposed:
        warn("other machines can reach the collector. Without TLS in front, keys and events are readable.")
    say(f"Answers    {serving_url(settings)}/docs")
    say(f"Dagster    {dagster_url(settings)}")
    say(f"Database   {state.connection_string(settings)}")
    say(f"           password in {state.password_file(settings)}")


def report_death(settings: Settings, title: str, text: str) -> None:
    """Report that a process of the stack died: in the log, and to everyone who is sent alarms."""
    from footfall.pipeline.installation import open_installation
    from serving.alarms.failure import report_failure

    with open_installation(settings) as installation:
        report_failure(installation, title, text)


def down() -> None:
    """Stop everything that `up` started. Nothing acknowledged is lost."""
    from footfall.stack.stack import stop

    settings = load_settings()
    stop(settings, say)
    say("everything is stopped")


def serve() -> None:
    """Answer questions over HTTP, until Ctrl-C. `up` does it, too."""
    from footfall.cli.context import current_installation
    from footfall.stack.processes import processes, serving_url
    from runtime import ports
    from serving.server import run

    settings = load_settings()
    if pid := processes(settings)["serving"].pid:
        complain(f"it runs already, pid {pid}: see {serving_url(settings)}/docs")
    with current_installation():
        port = ports.claim(settings.home / "run" / "serving.port", settings.serving_port)
    say(f"Answers    {serving_url(settings)}/docs")
    run(settings, port)


def status(as_json: Annotated[bool, _FOR_PROGRAMS] = False) -> None:
    """Show what runs where, and what is landed, dirty and published, and how fresh it is."""
    from footfall.pipeline.installation import open_installation
    from footfall.stack import status as state

    settings = load_settings()
    if as_json:
        with open_installation(settings) as installation:
            _print_json(state.document(installation))
        return
    table("Processes", ["what", "where", "state"], state.running(settings))
    with open_installation(settings) as installation:
        if silence := state.silence(installation):
            say(silence)
            return
        say()
        table("Data", ["what", "how much", "newest"], state.data(installation))
        if rows := state.sites(installation):
            say()
            table("Sites", _OF_SITES, map(_of_site, rows))
        for warning in (*state.sites_left_out(installation), *state.days_held_back(installation)):
            warn(str(warning))
        if step := state.next_step_of(installation):
            say()
            say(f"Next: {step}")


def doctor(as_json: Annotated[bool, _FOR_PROGRAMS] = False) -> None:
    """Name what is wrong and how to fix it. Exit code 1 if anything is."""
    from footfall.stack.doctor import examine

    findings = examine(load_settings())
    is_well = all(finding.ok for finding in findings)
    if as_json:
        _print_json({"ok": is_well, "findings": findings})
    else:
        for finding in findings:
            mark(finding.ok, finding.what)
            if finding.fix:
                say(f"  → {finding.fix}")
    if not is_well:
        raise typer.Exit(1)


def _of_site(row: "Row") -> list[Any]:
    site, newest, events, rejected, first, last, waiting, held = row
    days = f"{first} to {last}" if first else None
    return [site, f"{newest:%Y-%m-%d %H:%M}" if newest else None, events, rejected, days, waiting, held]


def _print_json(document: dict[str, Any]) -> None:
    import msgspec

    hand_over_json(msgspec.json.encode(document))
