"""From the landing zone into raw.events: an asset for the night, a sensor for the rest of the day."""

from collections.abc import Iterator

import dagster as dg

from expectations.checks import checker
from footfall.pipeline import night
from ingestion.landing.reader import sealed_segments
from ingestion.load.loader import LoadReport
from orchestration.resources import Footfall
from serving.alarms.failure import report_failure

SEGMENTS = dg.AssetKey(["landing", "segments"])
EVENTS = dg.AssetKey(["raw", "events"])
MOST_FILES_A_TICK = 200
"""A tick must end within a minute; further files wait for the next tick."""

segments = dg.AssetSpec(SEGMENTS, group_name="landing", description="Sealed segments: what the collector acknowledged.")


@dg.asset(key=EVENTS, group_name="raw", deps=[SEGMENTS], kinds={"postgres"})
def events(footfall: Footfall) -> Iterator[dg.MaterializeResult]:
    """Load events, each once, with the ledger of the files they came from."""
    checker.start()  # A build follows.
    report = night.load(footfall.installation)
    yield dg.MaterializeResult(metadata=_metadata(report))
    report.raise_for_refused()


@dg.sensor(minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def landing_sensor(footfall: Footfall) -> dg.SensorResult | dg.SkipReason:
    """Load sealed segments as they appear, in the tick itself: a run each half minute would cost more than the load."""
    if not sealed_segments(footfall.installation.settings.landing):
        return dg.SkipReason("no sealed segment waits")
    report = night.load_waiting(footfall.installation, MOST_FILES_A_TICK)
    if report.refused:
        report_failure(footfall.installation, "landed files were refused", "\n".join(report.refused))
    return dg.SensorResult(asset_events=[dg.AssetMaterialization(EVENTS, metadata=_metadata(report))])


def _metadata(report: LoadReport) -> dict[str, int]:
    return {
        "files": report.files,
        "lines": report.lines,
        "loaded": report.loaded,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "suppressed": report.suppressed,
        "refused": len(report.refused),
    }
