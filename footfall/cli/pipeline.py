"""The steps of a night, each alone and all in order, the open day, and accepting an unusual figure."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import complain, interrupted, say, table
from footfall.cli.context import current_installation

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation
    from warehouse.publication.publish import Publication


_SPAN = typer.Option(help="A day, 2026-11-01, or a span of days, 2026-11-01..2026-11-07.", metavar="A..B")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (load, build, check, publish, nightly, rebuild, today, accept):
        parent.command()(command)


def load(
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C: events within seconds.")] = False,
) -> None:
    """Load everything acknowledged so far into raw.events, and mark the days it touched dirty."""
    from footfall.pipeline import night
    from footfall.stack.follow import follow as follow_landing

    with current_installation() as installation:
        if follow:
            asked_to_stop = interrupted()
            say("following the landing zone; stop with Ctrl-C")
            follow_landing(installation, asked_to_stop, say, partial(_alarm, installation))
            say("stopped")
            return
        report = night.load(installation)
    say(f"loaded {report}")
    report.raise_for_refused()


def build(days: Annotated[str | None, _SPAN] = None) -> None:
    """Build the candidate of a slice (default: the run of dirty days that a night would take) in schema audit."""
    from footfall.pipeline import candidates, night
    from warehouse.postgres.locks import CANDIDATE, held
    from warehouse.postgres.roles import Role
    from warehouse.publication.slices import parse_days

    with current_installation() as installation, held(installation.engine_of(Role.TRANSFORMER), CANDIDATE):
        night.redate_sites(installation, say)
        wanted = parse_days(days) if days else night.next_slice(installation)
        if not wanted:
            say("no day is dirty: nothing to build")
            return
        started = time.monotonic()
        candidates.build(installation, wanted)
        say(f"built {wanted} in {time.monotonic() - started:.1f} s; next: footfall check")


def check() -> None:
    """Check the candidate against every expectation, and record the verdict that publish asks for."""
    from expectations.summary import summary
    from footfall.pipeline import candidates
    from warehouse.postgres.locks import CANDIDATE, held
    from warehouse.postgres.roles import Role

    with current_installation() as installation, held(installation.engine_of(Role.CHECKER), CANDIDATE):
        found = candidates.check(installation)
        page = installation.settings.checks / "latest.html"
    say(summary(found.results))
    say(f"Page: {page}")
    if not found.passed:
        raise typer.Exit(1)


def publish() -> None:
    """Publish the candidate: all marts of its slice in one transaction, if it passed its check."""
    from footfall.pipeline import night
    from warehouse.postgres.locks import CANDIDATE, held
    from warehouse.postgres.roles import Role

    with current_installation() as installation, held(installation.engine_of(Role.PUBLISHER), CANDIDATE):
        done = night.publish(installation)
    _show([done])


def nightly(
    through: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Build no day after this one.")] = None,
) -> None:
    """Load, then build, check and publish the dirty days, and write the reports. Running it again changes nothing."""
    from footfall.pipeline import night
    from serving.report.write import report_night

    with current_installation() as installation:
        try:
            done = _report(lambda: night.nightly(installation, through.date() if through else None, say))
            if not done:
                _say_what_is_next(installation)
        finally:
            for path in report_night(installation):
                say(f"reported   {path}")


def rebuild(days: Annotated[str | None, _SPAN] = None) -> None:
    """Build, check and publish days again (default: all that raw events still hold whole), whether dirty or not."""
    from footfall.pipeline import night
    from warehouse.publication.slices import parse_days

    wanted = parse_days(days) if days else None
    with current_installation() as installation:
        _report(lambda: night.rebuild(installation, wanted, say))


def today() -> None:
    """Build the open day from what is loaded, for answers with --include-today. It is not checked, and not final."""
    from footfall.pipeline.today import build
    from warehouse.publication.today import NotNow

    started = time.monotonic()
    with current_installation() as installation:
        try:
            built = build(installation)
        except NotNow as reason:
            say(f"not built: {reason}")
            return
    if built.days:
        say(f"built {built.days} in {time.monotonic() - started:.1f} s: {built.sessions:,} sessions")
    else:
        say("nothing waits: the open day is as published, or as it was built")


def accept(
    site: Annotated[str, typer.Option(help="The site.", show_default=False)],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day that is held back.", show_default=False)],
    check: Annotated[str, typer.Option(help="The check, such as volume_is_usual.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why the figure is right. It is kept on record.", show_default=False)],
) -> None:
    """Accept an unusual figure for which a day of a site is held back, and publish the day.

    It lapses when the figure moves further from what is usual.
    """
    from getpass import getuser

    from footfall.pipeline import night
    from warehouse.postgres.locks import CANDIDATE, held
    from warehouse.postgres.roles import Role
    from warehouse.publication import held_days
    from warehouse.publication.dirty_days import SiteDay

    with current_installation() as installation, held(installation.engine_of(Role.PUBLISHER), CANDIDATE):
        with installation.engine_of(Role.PUBLISHER).begin() as connection:
            held_days.accept(connection, SiteDay(site, day.date()), check, reason, getuser())
        _report(lambda: night.publish_dirty(installation, None, say))


def _alarm(installation: "Installation", refused: list[str]) -> None:
    from serving.alarms.failure import report_failure  # A follower without refused files needs no way to send.

    report_failure(installation, "landed files were refused", "\n".join(refused))


def _say_what_is_next(installation: "Installation") -> None:
    from footfall.answers.next_step import next_step
    from warehouse.postgres.roles import Role

    with installation.engine_of(Role.ANALYST).connect() as connection:
        if step := next_step(connection):
            say(f"Next: {step}")


def _report(work: "Callable[[], list[Publication]]") -> "list[Publication]":
    from expectations.summary import summary
    from footfall.pipeline import candidates

    try:
        done = work()
    except candidates.GateClosed as closed:
        complain(f"{summary(closed.audit.results)}\n\nMarts are as they were. `footfall check` checks again.")
    if done:
        _show(done)
    else:
        say("no day is dirty: nothing to publish")
    return done


def _show(done: "list[Publication]") -> None:
    rows: dict[str, int] = {}
    for publication in done:
        for day in publication.days:
            rows[day.mart] = rows.get(day.mart, 0) + day.row_count
    table("Published", ["mart", "rows"], sorted(rows.items()))
