"""The command line, put together from its parts. Each part is a module of this package."""

import gc
import sys

import typer

from footfall.cli import (
    ask,
    backup,
    demo,
    docs,
    history,
    metrics,
    person,
    pipeline,
    psql,
    retention,
    site,
    stack,
    traffic,
)
from footfall.cli.console import complain
from runtime import environment
from runtime.disk import explain
from runtime.errors import FootfallError

typed = typer.Typer(
    name="footfall",
    help="Footfall: an exact batch warehouse for web and app behaviour.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for part in (stack, site, pipeline, history, traffic, retention, person, backup, ask, metrics, docs, psql, demo):
    part.register(typed)


def app() -> None:
    """Run the command; an expected failure is one clear message and exit code 1."""
    environment.begin()
    # Objects of dbt and Great Expectations live to the end: collecting garbage took a second of a quiet night.
    gc.set_threshold(10_000)
    try:
        typed()
    except (FootfallError, FileNotFoundError) as error:
        complain(str(error))
    except Exception as error:
        from sqlalchemy.exc import OperationalError

        if isinstance(error, OperationalError):
            complain(f"the database does not answer: {error.orig}\nTry `footfall doctor`.")
        elif said := explain(error):
            complain(said)
        raise
    sys.exit(1)
