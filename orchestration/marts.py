"""From dirty days to published marts: slice, candidate, audit, publish. The work is in `footfall.pipeline.night`."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from expectations.audit import Audit
from expectations.checks import checker
from expectations.suites import suites_of
from footfall.pipeline import candidates, dbt, holding, night
from footfall.pipeline.installation import Installation, sound_manifest
from footfall.pipeline.steps import timed
from orchestration.landing import EVENTS
from orchestration.partitions import DAILY, UNTIL, NoPartition, night_of, require_partition
from orchestration.resources import CandidateLock, Footfall, current_installation
from serving.alarms.failure import report_failure
from serving.report.write import write_reports
from warehouse.postgres.roles import Role
from warehouse.publication.held_days import HeldDay
from warehouse.tables.contracts import read_marts

SLICE = dg.AssetKey(["audit", "slice_days"])
AUDITS = dg.AssetKey(["ops", "audits"])

_INSTALLATION = current_installation()
MANIFEST = sound_manifest(_INSTALLATION)
SUITES = suites_of(read_marts(MANIFEST))
MARTS = [suite.mart for suite in SUITES]


@dg.asset(
    key=SLICE,
    group_name="audit",
    deps=[EVENTS],
    partitions_def=DAILY,
    output_required=False,
)
def slice_days(
    context: dg.AssetExecutionContext, footfall: Footfall, candidate_lock: CandidateLock
) -> Iterator[dg.Output[None]]:
    """Choose the days to build: a run of dirty days up to the partition's day. None dirty, none built."""
    try:
        require_partition(context.partition_key)
    except NoPartition as refusal:
        raise dg.Failure(str(refusal), allow_retries=False) from None
    night.redate_sites(footfall.installation)
    for site in night.sites_left_out(footfall.installation):
        report_failure(footfall.installation, "Footfall: a site is left out of the night", str(site))
    until = night_of(context.run.tags)
    if until is None:
        until = night.night_begins(footfall.installation)
        _report_held(footfall.installation, holding.held_back(footfall.installation))
    context.instance.add_run_tags(context.run_id, {UNTIL: str(until)})
    wanted = night.next_slice(footfall.installation, date.fromisoformat(context.partition_key), until)
    if wanted:
        checker.start()
        candidate = candidates.begin(footfall.installation, wanted)
        yield dg.Output(None, metadata={"slice": str(wanted), "candidate": str(candidate.candidate_id)})


# A night runs none of dbt's tests: the gate is the expectations.
_TRANSLATOR = DagsterDbtTranslator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=False))


@dbt_assets(manifest=MANIFEST, partitions_def=DAILY, dagster_dbt_translator=_TRANSLATOR)
def models(
    context: dg.AssetExecutionContext, footfall: Footfall, candidate_lock: CandidateLock
) -> Iterator[dg.MaterializeResult]:
    """Let dbt build the slice: staging, intermediate, and the candidates in schema audit.

    All models are built, whatever is selected: a candidate must be whole. Where that fails for some sites, their days
    are held back with an alarm, and the next run builds the rest.
    """
    installation = footfall.installation
    try:
        with timed(installation.settings, "build"):
            built = dbt.build(installation.settings, installation.database.roles[Role.TRANSFORMER])
    except dbt.BuildFailed as failed:
        _report_held(installation, holding.hold_back_unbuilt(installation, failed))
        return
    candidates.finish(installation)
    for relation, seconds in built.items():
        if dg.AssetKey(relation) in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=dg.AssetKey(relation), metadata={"seconds": round(seconds, 2)})


@dg.asset(
    key=AUDITS,
    group_name="ops",
    deps=[dg.AssetKey(["audit", mart]) for mart in MARTS],
    partitions_def=DAILY,
    check_specs=[dg.AssetCheckSpec(suite.mart, asset=AUDITS, blocking=True) for suite in SUITES],
    kinds={"great_expectations"},
    output_required=False,
)
def audits(footfall: Footfall, candidate_lock: CandidateLock) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """The gate: check every expectation on the candidate. If one does not hold, the candidate is not published.

    Where it failed for some sites, their days are held back with an alarm, and the next run builds the rest.
    """
    installation = footfall.installation
    found = candidates.check(installation, checker.validate_elsewhere)
    severity = dg.AssetCheckSeverity.ERROR if _closes_the_gate(installation, found) else dg.AssetCheckSeverity.WARN
    page = dg.MetadataValue.path(installation.settings.checks / "latest.html")
    for suite in SUITES:
        failed = [result for result in found.failed if result.mart == suite.mart]
        yield dg.AssetCheckResult(
            check_name=suite.mart,
            passed=not failed,
            severity=severity,
            metadata={"page": page} | {result.name: str(result.reason) for result in failed},
        )
    counts = {"expectations": len(found.results), "failed": len(found.failed)}
    if found.passed or severity is dg.AssetCheckSeverity.ERROR:
        yield dg.MaterializeResult(metadata=counts | {"page": page})


def _closes_the_gate(installation: Installation, found: Audit) -> bool:
    """Whether nothing can be published; else what failed for single sites is held back, and reported."""
    try:
        held = [] if found.passed else holding.hold_back(installation, found)
    except candidates.GateClosed:
        return True
    _report_held(installation, held)
    return False


def _report_held(installation: Installation, held: Sequence[HeldDay]) -> None:
    if held:
        days = "\n".join(map(str, held))
        report_failure(installation, "Footfall: days of a site are held back", days)


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["marts", mart], deps=[AUDITS, dg.AssetKey(["audit", mart])], group_name="marts", kinds={"postgres"}
        )
        for mart in MARTS
    ],
    partitions_def=DAILY,
)
def published(footfall: Footfall, candidate_lock: CandidateLock) -> Iterator[dg.MaterializeResult]:
    """Publish the slice: replace its rows in all marts in one transaction."""
    done = night.publish(footfall.installation)
    for mart in MARTS:
        rows = sum(day.row_count for day in done.days if day.mart == mart)
        yield dg.MaterializeResult(asset_key=["marts", mart], metadata={"dagster/row_count": rows})


@dg.asset(
    key=dg.AssetKey(["ops", "report"]),
    group_name="ops",
    deps=[dg.AssetKey(["marts", mart]) for mart in MARTS],
    partitions_def=DAILY,
)
def report(context: dg.AssetExecutionContext, footfall: Footfall) -> Iterator[dg.MaterializeResult]:
    """Write the report of each site's newest day, and mail it once when that day is whole.

    The night is published by then: a report that fails is reported and fails nothing else.
    """
    paths: list[Path] = []
    try:
        paths += write_reports(footfall.installation)
    except Exception as error:
        report_failure(footfall.installation, "Footfall: a report was not written", type(error).__name__)
        context.log.exception("a report was not written")
    yield dg.MaterializeResult(metadata={"reports": [str(path) for path in paths]})
