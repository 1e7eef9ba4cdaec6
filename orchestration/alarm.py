"""Report that something failed: always to the log, and to a webhook where one is configured."""

import logging

import dagster as dg
import httpx

from orchestration.resources import Footfall
from runtime.display import shown

log = logging.getLogger("footfall.alarm")


def raise_alarm(webhook_url: str | None, title: str, text: str) -> None:
    """Log a failure, and post it as JSON. If the webhook fails too, that is logged and raises nothing."""
    log.error("%s: %s", title, text)
    if not webhook_url:
        return
    try:
        httpx.post(webhook_url, json={"title": title, "text": text}, timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        log.error("the webhook did not take it: %s", error)


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=30)
def failure_alarm(context: dg.RunFailureSensorContext, footfall: Footfall) -> None:
    """Raise the alarm for every failed run."""
    run = context.dagster_run
    raise_alarm(
        footfall.installation.settings.webhook_url,
        f"Footfall: {run.job_name} failed",
        f"run {run.run_id}, partition {run.tags.get('dagster/partition', '–')}: {context.failure_event.message}"
        f" {_why(context)}".rstrip(),
    )


def _why(context: dg.RunFailureSensorContext) -> str:
    """Return what the failed steps say: the innermost cause of each. The run's own message only names them."""
    said = []
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        while error and error.cause:
            error = error.cause
        said.append(" ".join(error.message.split()) if error else "")
    return shown("; ".join(dict.fromkeys(said)))
