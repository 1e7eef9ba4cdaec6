"""Run the nightly job of a day in this process, as the schedule's run would be. For the demo and for tests."""

from collections.abc import Iterable, Iterator
from datetime import date

import dagster as dg

from footfall.pipeline import night
from orchestration.definitions import definitions
from orchestration.partitions import UNTIL, night_of, require_partition
from orchestration.resources import current_installation
from runtime.errors import FootfallError

MOST_RUNS = 100
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class NightFailed(FootfallError):
    """A run of the night failed; Dagster's page shows why."""


def run_nights(days: Iterable[date]) -> Iterator[date]:
    """Run one night after the other, recorded in Dagster's instance, and give each day when its night is done."""
    with dg.DagsterInstance.get() as instance:
        for day in days:
            run_night(day, instance)
            yield day


def run_night(day: date, instance: dg.DagsterInstance) -> int:
    """Run the job until nothing waits that was dirty up to `day` when it began, and return how many runs that took.

    Raises:
        NightFailed: a run failed; the message names what failed.
        DaysHeldBack: days of sites are held back; all others were published.
        NoPartition: the day is not over yet.
    """
    require_partition(day.isoformat())
    job = definitions.resolve_job_def("nightly")
    tags: dict[str, str] = {}
    for runs in range(1, MOST_RUNS + 1):
        result = job.execute_in_process(
            instance=instance, partition_key=day.isoformat(), raise_on_error=False, run_config=QUIET, tags=tags
        )
        if not result.success:
            failures = [event.message for event in result.all_events if event.is_failure]
            raise NightFailed(
                f"the night of {day} failed, see its run on Dagster's page: {'; '.join(map(str, failures))}"
            )
        begun = instance.get_run_by_id(result.run_id)
        tags = {UNTIL: begun.tags[UNTIL]} if begun and UNTIL in begun.tags else {}
        if not night.next_slice(current_installation(), day, night_of(tags)):
            night.require_none_held(current_installation())
            return runs
    raise NightFailed(f"the night of {day} does not come to an end")
