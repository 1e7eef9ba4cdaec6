"""The open day, every `today_minutes`: in a process of its own, which no run and no tick waits for.

A run would hold the only slot while a night waits, and a tick the other sensors.
"""

import dagster as dg

from footfall.stack.processes import today_build
from orchestration.resources import Footfall, current_installation

_MINUTES = current_installation().settings.today_minutes


@dg.sensor(
    minimum_interval_seconds=max(_MINUTES, 1) * 60,
    default_status=dg.DefaultSensorStatus.RUNNING if _MINUTES else dg.DefaultSensorStatus.STOPPED,
)
def today_sensor(footfall: Footfall) -> dg.SkipReason:
    """Start `footfall today`, unless the last one still runs. It never asks for a run."""
    process = today_build(footfall.installation.settings)
    if process.pid:
        return dg.SkipReason(f"the last build still runs, pid {process.pid}")
    process.start()
    return dg.SkipReason(f"started; {process.log} says what came of it")
