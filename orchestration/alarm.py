"""The alarm for failed runs. What it does with it is in `serving.alarms.failure`."""

import dagster as dg

from orchestration.resources import Footfall
from runtime.display import shown
from serving.alarms.failure import report_failure


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=30)
def failure_alarm(context: dg.RunFailureSensorContext, footfall: Footfall) -> None:
    """Raise the alarm for every failed run."""
    run = context.dagster_run
    report_failure(
        footfall.installation,
        f"Footfall: {run.job_name} failed",
        f"run {run.run_id}, partition {run.tags.get('dagster/partition', '–')}: {context.failure_event.message}"
        f" {_why(context)}".rstrip(),
    )


def _why(context: dg.RunFailureSensorContext) -> str:
    """Return what the failed steps say: the innermost cause of each. The run's own message only names them.

    The details of an error of the database are left out: they quote rows.
    """
    said = []
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        while error and error.cause:
            error = error.cause
        said.append(" ".join(error.message.partition("DETAIL:")[0].split()) if error else "")
    return shown("; ".join(dict.fromkeys(said)))
