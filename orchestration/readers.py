"""End readers' sessions that are beyond a limit within a minute, and put back what they changed of their roles."""

import dagster as dg

from orchestration.resources import Footfall
from warehouse.access.readers import enforce
from warehouse.postgres.roles import Role


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def readers_sensor(footfall: Footfall) -> dg.SkipReason:
    """Enforce the limits of readers in the tick itself. It never asks for a run."""
    installation = footfall.installation
    return dg.SkipReason(str(enforce(installation.engine, installation.database.roles[Role.ANALYST])))
