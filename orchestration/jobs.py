"""What runs when: the night at 02:00 UTC, retention at 03:30, the open day each `today_minutes`, limits each minute."""

from datetime import date

import dagster as dg

from footfall.pipeline import night
from footfall.stack.processes import today_build
from orchestration.history import retention
from orchestration.partitions import UNTIL, night_of
from orchestration.resources import Footfall, current_installation
from warehouse.access.readers import enforce
from warehouse.postgres.roles import Role

_MINUTES = current_installation().settings.today_minutes

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Load, build the dirty days, check, publish.",
    # A killed run cannot be continued from the step it reached: another night may have changed its candidate meanwhile.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
)

nightly_schedule = dg.build_schedule_from_partitioned_job(
    nightly, hour_of_day=2, minute_of_hour=0, default_status=dg.DefaultScheduleStatus.RUNNING
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
