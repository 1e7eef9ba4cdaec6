"""The command line, put together from its parts. Each part is a module of this package."""

import gc
import sys

import typer

from footfall.cli import (
    ask,
    backup,
    demo,
    docs,
    export,
    history,
    metrics,
    person,
    pipeline,
    property,
    psql,
    readers,
    retention,
    share,
    site,
    stack,
    token,
    traffic,
)
from footfall.cli.console import complain, crash, show_logs
from runtime import environment
from runtime.errors import FootfallError, explain

typed = typer.Typer(
    name="footfall",
    help="Footfall: an exact batch warehouse for web and app behaviour.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for part in (
    *(stack, site, token, share, property, pipeline, history, traffic, retention, person, backup, readers),
    *(ask, export, metrics, docs, psql, demo),
):
    part.register(typed)


def app() -> None:
    """Run the command; an expected failure is one clear message and exit code 1."""
    environment.begin()
    show_logs()
    # Objects of dbt and Great Expectations live to the end: collecting garbage took a second of a quiet night.
    gc.set_threshold(10_000)
    try:
        typed()
    except (FootfallError, FileNotFoundError) as error:
        complain(str(error))
    except Exception as error:
        if said := _known(error):
            complain(said)
        crash(error)
    sys.exit(1)


def _known(error: Exception) -> str | None:
    """Return what a person can do about a failure that no part of ours expects: of a disk, or of the database."""
    from sqlalchemy.exc import OperationalError

    from warehouse.postgres.connect import is_full_disk

    if not isinstance(error, OperationalError):
        return explain(error)
    if is_full_disk(error.orig):
        return f"the disk of PostgreSQL is full: {error.orig}\nMake room and run it again."
    return f"the database does not answer: {error.orig}\nTry `footfall doctor`."
