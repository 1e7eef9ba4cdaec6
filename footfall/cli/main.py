"""The command line, put together from its parts. Each part is a module of this package."""

import gc
import sys

import typer
from sqlalchemy.exc import OperationalError

from expectations.checks.result import GateError
from footfall.answers.questions import NothingPublished, UnknownQuestion
from footfall.backup.backup import BackupError
from footfall.backup.restore import RestoreError
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
from footfall.pipeline.dbt import BuildFailed
from footfall.pipeline.night import GateClosed
from footfall.simulator.post import PostError
from ingestion.load.loader import LoadRefused
from runtime.processes import ProcessError
from runtime.secrets import SecretsError
from runtime.settings import SettingsError
from warehouse.access.sites import SiteError
from warehouse.postgres.dump import DumpError
from warehouse.postgres.server import ServerError
from warehouse.privacy.person import PersonError
from warehouse.publication.publish import PublishRefused
from warehouse.publication.slices import SliceError
from warehouse.retention.policies import RetentionError
from warehouse.tables.contracts import ContractError
from warehouse.tables.marts import MartError
from warehouse.tables.migrate import SchemaError
from warehouse.tables.views import ViewError

typed = typer.Typer(
    name="footfall",
    help="Footfall: an exact batch warehouse for web and app behaviour.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for part in (stack, site, pipeline, history, traffic, retention, person, backup, ask, metrics, docs, psql, demo):
    part.register(typed)

EXPECTED = (
    *(
        BackupError,
        ContractError,
        DumpError,
        RestoreError,
        SchemaError,
        SecretsError,
        ServerError,
        SettingsError,
        ViewError,
    ),
    *(BuildFailed, GateClosed, GateError, LoadRefused, MartError, NothingPublished, PersonError, PostError),
    *(ProcessError, PublishRefused, RetentionError, SiteError, SliceError, UnknownQuestion),
    FileNotFoundError,
)
"""Refusals and failures that a person can mend; anything else is a bug and shows its traceback."""


def app() -> None:
    """Run the command; an expected failure is one clear message and exit code 1."""
    # What dbt and Great Expectations make lives on: looking for garbage in it took a second of a quiet night.
    gc.set_threshold(10_000)
    try:
        typed()
    except EXPECTED as error:
        complain(str(error))
    except OperationalError as error:
        complain(f"the database does not answer: {error.orig}\nTry `footfall doctor`.")
    sys.exit(1)
