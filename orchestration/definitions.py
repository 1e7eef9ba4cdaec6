"""Everything Dagster knows, put together. `workspace.yaml` points here."""

import gc
import logging
import warnings

import dagster as dg

from orchestration.alarm import failure_alarm
from orchestration.history import retention
from orchestration.jobs import (
    backup,
    backup_schedule,
    midnight_sensor,
    next_slice_sensor,
    nightly,
    nightly_schedule,
    retention_schedule,
    today_sensor,
)
from orchestration.landing import events, follower_sensor, landing_sensor, segments
from orchestration.marts import audits, models, published, report, slice_days
from orchestration.privacy import answering, privacy_sensor, purging, purging_schedule
from orchestration.readers import readers_sensor
from orchestration.resources import CandidateLock, Footfall

# dagster-dbt gives its assets a backfill policy; runs of this job are one day each all the same.
warnings.filterwarnings("ignore", message="Asset job nightly materializes assets with varying BackfillPolicies")
# On a night with nothing to build, Dagster warns for each skipped check that it gave no result.
logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)

gc.set_threshold(10_000)  # For the reason in `footfall/cli/main.py`.

definitions = dg.Definitions(
    assets=[segments, events, slice_days, models, audits, published, report],
    jobs=[nightly, retention, answering, purging, backup],
    schedules=[nightly_schedule, backup_schedule, retention_schedule, purging_schedule],
    sensors=[
        landing_sensor,
        follower_sensor,
        next_slice_sensor,
        midnight_sensor,
        failure_alarm,
        privacy_sensor,
        readers_sensor,
        today_sensor,
    ],
    resources={
        "footfall": Footfall(),
        "candidate_lock": CandidateLock(),
    },
)
