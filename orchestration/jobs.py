"""What runs when: the night at `night_at`, a backup at `backup_hour`, retention at 03:30 UTC, the open day every
`today_minutes`, limits of readers each minute, and with `night_after_midnight` a night more when a site's day is over.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from footfall.backup.backup import make_backup, remove_all_but
from footfall.pipeline import night
from footfall.stack.processes import today_build
from orchestration.history import retention
from orchestration.partitions import UNTIL, night_of
from orchestration.resources import Footfall, current_installation
from warehouse.access.readers import enforce
from warehouse.access.zones import days_just_over
from warehouse.postgres.roles import Role

_SETTINGS = current_installation().settings
_MINUTES = _SETTINGS.today_minutes
AFTER_MIDNIGHT = timedelta(minutes=5)
"""What happened before midnight is loaded by then."""

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Load, build the dirty days, check, publish.",
    # A killed run cannot be continued from the step it reached: another night may have changed its candidate meanwhile.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
)


@dg.schedule(
    job=nightly,
    cron_schedule=f"{_SETTINGS.night_at.time.minute} {_SETTINGS.night_at.time.hour} * * *",
    execution_timezone=_SETTINGS.night_zone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for the night of the last day that is over in the night's zone."""
    began = context.scheduled_execution_time.astimezone(ZoneInfo(_SETTINGS.night_zone))
    day = str(began.date() - timedelta(days=1))
    return dg.RunRequest(run_key=day, partition_key=day)


@dg.sensor(
    job=nightly,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING if _SETTINGS.night_after_midnight else dg.DefaultSensorStatus.STOPPED,
)
def midnight_sensor(footfall: Footfall) -> Iterator[dg.RunRequest]:
    """Ask for a night where a site's day is over and waits, once for each day and timezone."""
    with footfall.installation.engine_of(Role.TRANSFORMER).connect() as connection:
        over = days_just_over(connection, AFTER_MIDNIGHT)
    for zone, day in over:
        yield dg.RunRequest(run_key=f"{day} in {zone}", partition_key=str(day))


@dg.op
def back_up(context: dg.OpExecutionContext, footfall: Footfall) -> None:
    """Make a backup, then remove those beyond `backup_keep`."""
    installation = footfall.installation
    made = make_backup(installation, installation.settings.backups)
    context.log.info("%s: %s loaded events", made.folder, made.manifest.loaded_events)
    for removed in remove_all_but(installation.settings, made.folder.parent, installation.settings.backup_keep):
        context.log.info("removed %s", removed)


@dg.job(executor_def=dg.in_process_executor)
def backup() -> None:
    """Back up the database, the landed files and the keys."""
    back_up()


backup_schedule = dg.ScheduleDefinition(
    job=backup,
    cron_schedule=f"0 {_SETTINGS.backup_hour or 0} * * *",
    execution_timezone=_SETTINGS.night_zone,
    default_status=dg.DefaultScheduleStatus.STOPPED
    if _SETTINGS.backup_hour is None
    else dg.DefaultScheduleStatus.RUNNING,
)

retention_schedule = dg.ScheduleDefinition(
    job=retention, cron_schedule="30 3 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[nightly],
    request_job=nightly,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
)
def next_slice_sensor(context: dg.RunStatusSensorContext, footfall: Footfall) -> dg.RunRequest | dg.SkipReason:
    """Ask for another run while days up to the night's day wait since it began: each run builds one slice."""
    run = context.dagster_run
    through, until = run.tags["dagster/partition"], night_of(run.tags)
    wanted = night.next_slice(footfall.installation, date.fromisoformat(through), until)
    if not wanted:
        return dg.SkipReason(f"no day is dirty up to {through}")
    tags = {UNTIL: str(until)} if until is not None else {}
    return dg.RunRequest(run_key=run.run_id, partition_key=through, tags=tags)


@dg.sensor(
    minimum_interval_seconds=max(_MINUTES, 1) * 60,
    default_status=dg.DefaultSensorStatus.RUNNING if _MINUTES else dg.DefaultSensorStatus.STOPPED,
)
def today_sensor(footfall: Footfall) -> dg.SkipReason:
    """Start `footfall today` in a process of its own, unless the last one still runs. It never asks for a run.

    A run would hold the only slot while a night waits, and a tick the sensor that loads.
    """
    process = today_build(footfall.installation.settings)
    if process.pid:
        return dg.SkipReason(f"the last build still runs, pid {process.pid}")
    process.start()
    return dg.SkipReason(f"started; {process.log} says what came of it")


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def readers_sensor(footfall: Footfall) -> dg.SkipReason:
    """End readers' sessions that are beyond a limit, and put back what they changed of their roles, in the tick itself.

    It never asks for a run.
    """
    installation = footfall.installation
    return dg.SkipReason(str(enforce(installation.engine, installation.database.roles[Role.ANALYST])))
