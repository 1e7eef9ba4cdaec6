"""Requests to export or erase a person, carried out as runs. No config, log or metadata names the person."""

from collections.abc import Iterator

import dagster as dg

from footfall.privacy import requests as privacy
from footfall.privacy.erase import write_beside_backups
from footfall.privacy.purge import is_due, purge
from orchestration.resources import Footfall
from warehouse.postgres.roles import Role
from warehouse.privacy.person import PersonError
from warehouse.privacy.requests import open_requests


class Asked(dg.Config):
    """Which request of `ops.privacy_requests`."""

    request_id: int


@dg.op
def answer_request(context: dg.OpExecutionContext, footfall: Footfall, config: Asked) -> None:
    """Carry out the request, and log how many rows it concerned in each place."""
    try:
        receipt = privacy.carry_out(footfall.installation, config.request_id, context.log.info)
    except PersonError as refusal:
        raise dg.Failure(f"request {config.request_id}: {refusal}") from None
    except Exception as error:
        # The message is left out: an error of the database quotes values.
        raise dg.Failure(f"request {config.request_id} failed by {type(error).__name__}; run it again") from None
    for place, rows in sorted(receipt.places.items()):
        context.log.info("%s: %s", place, rows)


@dg.job(executor_def=dg.in_process_executor, name="privacy")
def answering() -> None:
    """Export, erase or readmit a person."""
    answer_request()


@dg.op
def purge_files(context: dg.OpExecutionContext, footfall: Footfall) -> None:
    """Write the database's files anew where an erasure is due, and the list of erased people beside the backups."""
    installation = footfall.installation
    if not is_due(installation):
        write_beside_backups(installation, context.log.warning)
        return
    purged = purge(installation, context.log.info)
    if purged.left:
        raise dg.Failure(f"bytes of erased people may be left: {'; '.join(purged.left)}. The next night tries again")


@dg.job(executor_def=dg.in_process_executor)
def purging() -> None:
    """Take the bytes of erased people out of the database's files."""
    purge_files()


purging_schedule = dg.ScheduleDefinition(
    job=purging, cron_schedule="30 4 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)


@dg.sensor(job_name=answering.name, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def privacy_sensor(footfall: Footfall) -> Iterator[dg.RunRequest]:
    """Ask for one run for each open request."""
    with footfall.installation.engine_of(Role.ERASER).connect() as connection:
        waiting = open_requests(connection)
    for request_id in waiting:
        config = dg.RunConfig(ops={"answer_request": Asked(request_id=request_id)})
        yield dg.RunRequest(
            run_key=f"privacy-{request_id}", run_config=config, tags={"footfall/request": str(request_id)}
        )
