"""From dirty days to published marts: slice, candidate, audit, publish. The work is in `footfall.pipeline.night`."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import dagster as dg

from expectations.audit import Audit
from expectations.checks import checker
from expectations.suites import suites_of
from footfall.pipeline import candidates, dbt, engine, holding, night
from footfall.pipeline.installation import Installation, sound_manifest
from footfall.pipeline.steps import timed
from orchestration.landing import EVENTS
from orchestration.models import model_assets
from orchestration.partitions import DAILY, UNTIL, NoPartition, night_of, require_partition
from orchestration.resources import CandidateLock, Footfall, current_installation
from serving.alarms.failure import report_failure
from serving.alarms.pages import address, of_audit
from warehouse.postgres.roles import Role
from warehouse.publication.held_days import HeldDay
from warehouse.publication.slices import SliceError
from warehouse.tables.contracts import Mart, read_marts
from warehouse.tables.row_counts import row_count

SLICE = dg.AssetKey(["audit", "slice_days"])
AUDITS = dg.AssetKey(["ops", "audits"])

_INSTALLATION = current_installation()
MANIFEST = sound_manifest(_INSTALLATION)
CONTRACTS = {mart.name: mart for mart in read_marts(MANIFEST)}
SUITES = suites_of(CONTRACTS.values())
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


@dg.multi_asset(
    name="models",
    specs=model_assets(MANIFEST),
    partitions_def=DAILY,
    can_subset=True,
)
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
            built = engine.build(installation)
    except dbt.BuildFailed as failed:
        _report_held(installation, holding.hold_back_unbuilt(installation, failed))
        return
    candidates.finish(installation)
    for relation, seconds in built.items():
        if dg.AssetKey(relation) in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=dg.AssetKey(relation), metadata={"seconds": round(seconds, 2)})


@dg.multi_asset_check(
    name="gate",
    specs=[
        dg.AssetCheckSpec(
            "gate",
            asset=dg.AssetKey(["audit", suite.mart]),
            blocking=True,
            description="\n".join(f"* {check.claim}" for check in suite.checks),
        )
        for suite in SUITES
    ],
)
def gate(footfall: Footfall, candidate_lock: CandidateLock) -> Iterator[dg.AssetCheckResult]:
    """Check every expectation on the candidate. If one does not hold, the candidate is not published.

    Where it failed for some sites, their days are held back with an alarm, and the next run builds the rest.
    """
    installation = footfall.installation
    found = candidates.check(installation, checker.validate_elsewhere)
    severity = dg.AssetCheckSeverity.ERROR if _closes_the_gate(installation, found) else dg.AssetCheckSeverity.WARN
    page = dg.MetadataValue.url(address(installation.settings, of_audit(found.audit_id)))
    for suite in SUITES:
        failed = [result for result in found.failed if result.mart == suite.mart]
        metadata: dict[str, Any] = {"page": page, "checks": len(suite.checks)}
        metadata |= {result.name: f"{result.claim}: {result.reason}" for result in failed}
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey(["audit", suite.mart]),
            check_name="gate",
            passed=not failed,
            severity=severity,
            metadata=metadata,
        )


@dg.asset(
    key=AUDITS,
    group_name="ops",
    deps=[dg.AssetKey(["audit", mart]) for mart in MARTS],
    partitions_def=DAILY,
    kinds={"great_expectations"},
    output_required=False,
)
def audits(footfall: Footfall, candidate_lock: CandidateLock) -> Iterator[dg.MaterializeResult]:
    """The verdict of the gate. Where days of sites were held back, there is none, and the next run builds the rest."""
    try:
        verdict = candidates.verdict(footfall.installation)
    except SliceError:
        return  # The candidate went with the days that were held back.
    if verdict.failed_count == 0:
        yield dg.MaterializeResult(metadata={"checks": verdict.check_count})


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


def _schema(mart: Mart) -> dg.TableSchema:
    """Return a mart's columns as Dagster shows them."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                column.data_type,
                column.description,
                dg.TableColumnConstraints(nullable=not column.is_required),
            )
            for column in mart.columns
        ],
        dg.TableConstraints([f"one row per {', '.join(mart.primary_key)}"]),
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["marts", mart],
            deps=[AUDITS, dg.AssetKey(["audit", mart])],
            group_name="marts",
            kinds={"postgres"},
            description=CONTRACTS[mart].description,
            metadata={"dagster/column_schema": _schema(CONTRACTS[mart])},
        )
        for mart in MARTS
    ],
    partitions_def=DAILY,
)
def published(footfall: Footfall, candidate_lock: CandidateLock) -> Iterator[dg.MaterializeResult]:
    """Publish the slice: replace its rows in all marts in one transaction."""
    installation = footfall.installation
    done = night.publish(installation)
    with installation.engine_of(Role.PUBLISHER).connect() as connection:
        held = {mart: row_count(connection, f"marts.{mart}") for mart in MARTS}
    for mart in MARTS:
        rows = sum(day.row_count for day in done.days if day.mart == mart)
        metadata = {"dagster/row_count": held[mart], "rows of these days": rows}
        yield dg.MaterializeResult(asset_key=["marts", mart], metadata=metadata)


@dg.asset(
    key=dg.AssetKey(["ops", "report"]),
    group_name="ops",
    deps=[dg.AssetKey(["marts", mart]) for mart in MARTS],
    partitions_def=DAILY,
)
def report(footfall: Footfall) -> Iterator[dg.MaterializeResult]:
    """Write the report of each site's newest day, and mail it once when that day is whole."""
    from serving.report.write import report_night  # It draws: no other step, and no other process, does.

    paths = report_night(footfall.installation)
    yield dg.MaterializeResult(metadata={"reports": [str(path) for path in paths]})
