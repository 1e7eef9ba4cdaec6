"""What runs when: the night at 02:00 UTC, retention at 03:30 UTC."""

from datetime import date

import dagster as dg

from footfall.pipeline import night
from orchestration.history import retention
from orchestration.partitions import UNTIL, night_of
from orchestration.resources import Footfall

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
