"""Everything Dagster knows, put together. `workspace.yaml` points here."""

import gc
import logging

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
    readers_sensor,
    retention_schedule,
    today_sensor,
)
from orchestration.landing import events, landing_sensor, segments
from orchestration.marts import audits, gate, models, published, report, slice_days
from orchestration.privacy import answering, privacy_sensor, purging, purging_schedule
from orchestration.resources import CandidateLock, Footfall

# On a night with nothing to build, Dagster warns for each skipped check that it gave no result.
logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)

gc.set_threshold(10_000)  # For the reason in `footfall/cli/main.py`.

definitions = dg.Definitions(
    assets=[segments, events, slice_days, models, audits, published, report],
    asset_checks=[gate],
    jobs=[nightly, retention, answering, purging, backup],
    schedules=[nightly_schedule, backup_schedule, retention_schedule, purging_schedule],
    sensors=[
        landing_sensor,
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
