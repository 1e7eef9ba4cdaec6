"""Retention: the warehouse's own, and Dagster's runs and event logs, which nothing else prunes."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import dagster as dg

from footfall.pipeline.installation import Installation, published_marts
from orchestration.resources import Footfall
from warehouse.postgres.roles import Role
from warehouse.retention.clock import require_today
from warehouse.retention.policies import list_policies
from warehouse.retention.prune import prune

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
BATCH = 200


@dg.op
def prune_warehouse(context: dg.OpExecutionContext, footfall: Footfall) -> None:
    """Apply every retention policy of the warehouse."""
    installation = footfall.installation
    for found in prune(installation.engine_of(Role.RETENTION), installation.settings, published_marts(installation)):
        if found.rows:
            whose = f" of {found.kind} people" if found.kind else ""
            context.log.info(
                "%s: %s rows%s, %s bytes of %s", found.policy, found.rows, whose, found.bytes, found.relation
            )


@dg.op
def prune_dagster(context: dg.OpExecutionContext, footfall: Footfall) -> None:
    """Delete runs and their event logs that are older than the policy `dagster_history`, by the same date."""
    keep_days = history_days(footfall.installation)
    if keep_days:
        with footfall.installation.engine_of(Role.RETENTION).connect() as connection:
            today = require_today(connection)
        before = datetime.combine(today, time(), UTC) - timedelta(days=keep_days)
        deleted = delete_runs(context.instance, before)
        events = delete_events_of_no_run(Path(context.instance.root_directory), before)
        context.log.info("%s runs deleted, and %s events and results of none", deleted, events)


@dg.job(executor_def=dg.in_process_executor)
def retention() -> None:
    """Prune what is due."""
    prune_warehouse()
    prune_dagster()


def history_days(installation: Installation) -> int | None:
    """Return for how many days Dagster's history is kept; None: for ever."""
    with installation.engine_of(Role.RETENTION).connect() as connection:
        return next(policy.keep_days for policy in list_policies(connection) if policy.name == "dagster_history")


def delete_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete ended runs created before `before`, with all that they wrote, and return how many.

    Dagster's own `delete_run` leaves the run's event file, its output and its results where they are.
    """
    old = dg.RunsFilter(statuses=ENDED, created_before=before)
    deleted = 0
    while runs := instance.get_runs(old, limit=BATCH):
        for run in runs:
            instance.delete_run(run.run_id)
            _delete_leftovers(Path(instance.root_directory), run.run_id)
        deleted += len(runs)
    return deleted


def delete_events_of_no_run(home: Path, before: datetime) -> int:
    """Delete what sensors reported in their ticks, and results of checks, from before; return how many rows.

    Dagster keeps both for ever: the first belong to no run, and the others stay when their run is deleted.
    """
    moment = before.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    deleted = 0
    for name, table, condition in _OF_NO_RUN:
        path = home / "history" / "runs" / name
        if path.exists():
            with closing(sqlite3.connect(path, timeout=60)) as database, database:
                deleted += database.execute(f"delete from {table} where {condition} < ?", (moment,)).rowcount
    return deleted


_OF_NO_RUN = (
    (".db", "event_logs", "timestamp"),
    ("index.db", "event_logs", "run_id = '' and timestamp"),
    ("index.db", "asset_check_executions", "create_timestamp"),
)


def _delete_leftovers(home: Path, run_id: str) -> None:
    shutil.rmtree(home / "storage" / run_id, ignore_errors=True)
    for events in (home / "history" / "runs").glob(f"{run_id}.db*"):
        events.unlink()
