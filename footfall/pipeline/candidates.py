"""Candidates of one slice: begun, built by dbt, and checked. Publishing them, and in which order, is left to `night`.

The caller holds the lock CANDIDATE meanwhile. Every step may be killed and run again.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import text

from expectations.audit import Audit, Validate, audit
from expectations.page import write_page
from expectations.suites import suites_of
from footfall.pipeline import dbt, engine
from footfall.pipeline.installation import Installation, manifest_of, published_marts
from footfall.pipeline.steps import timed
from runtime.errors import FootfallError
from runtime.failpoints import reach
from warehouse.postgres.locks import MIGRATION, exclusive
from warehouse.postgres.roles import Role
from warehouse.publication import publish as publishing
from warehouse.publication.completeness import (
    record_days,
    require_complete,
)
from warehouse.publication.plain import require_plain
from warehouse.publication.slices import (
    Candidate,
    Slice,
    begin_candidate,
    current_candidate,
    finish_candidate,
)
from warehouse.retention.policies import require_policies
from warehouse.tables.contracts import Mart, View, code_version, read_views
from warehouse.tables.marts import ensure_marts
from warehouse.tables.property_views import keep_property_views
from warehouse.tables.today import ensure_today
from warehouse.tables.views import ensure_views


class GateClosed(FootfallError):
    """The candidate failed its audit for what is no single site's, so that marts stay as they are."""

    def __init__(self, found: Audit, why: object = "") -> None:
        reasons = "; ".join(f"{result.mart}.{result.name}: {result.reason}" for result in found.failed)
        ending = f" ({why})" if why else ""
        super().__init__(f"{len(found.failed)} of {len(found.results)} expectations failed: {reasons}{ending}")
        self.audit = found


def begin(installation: Installation, wanted: Slice) -> Candidate:
    """Begin a candidate: prepare the tables from which dbt builds the slice.

    Raises:
        SliceError: raw events of one of its days are gone, all or some.
        ContractError: a mart has not decided about itself.
        RetentionError: a mart follows an unknown retention policy.
        SparkError: the engine is Spark, and it cannot build.
    """
    engine.require(installation)
    prepare(installation)
    version = code_version_of(installation)
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        require_complete(connection, wanted)
        candidate = begin_candidate(connection, wanted, version)
        record_days(connection, candidate)
        reach("build:beginning", connection)
    return candidate


def prepare(installation: Installation) -> None:
    """Make the tables and views of marts fit the contracts as they are now.

    Raises:
        ContractError: a mart has not decided about itself.
        RetentionError, MartError, ViewError: as `prepare_marts` raises them.
    """
    prepare_marts(installation, published_marts(installation), read_views(manifest_of(installation)))


def prepare_marts(installation: Installation, marts: Sequence[Mart], views: Mapping[str, View]) -> None:
    """Make the tables and views that people read fit the contracts: empty, where they are new. May run twice.

    Raises:
        RetentionError: a mart follows an unknown retention policy.
        MartError: a column has another type than its contract says.
        ViewError: a column changes, and a view of the user's own depends on it.
    """
    with installation.engine_of(Role.RETENTION).connect() as connection:
        require_policies(connection, marts)
    with installation.engine_of(Role.PUBLISHER).begin() as connection:
        exclusive(connection, MIGRATION)
        ensure_marts(connection, marts)
        ensure_views(connection, "marts", views)
        keep_property_views(connection)
        ensure_today(connection, marts)


def finish(installation: Installation) -> None:
    """Record that dbt built all models of the candidate that was begun."""
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        finish_candidate(connection)


def build(installation: Installation, wanted: Slice) -> Candidate:
    """Build the candidate of a slice in schema audit.

    Raises:
        dbt.BuildFailed: with what dbt said; marts stay as they are.
    """
    candidate = begin(installation, wanted)
    reach("build:begun")
    with timed(installation.settings, "build"):
        engine.build(installation)
    reach("build:before_finish")
    finish(installation)
    return candidate


def code_version_of(installation: Installation) -> str:
    """Return the version of the models with which a candidate would be built now."""
    return code_version(manifest_of(installation), dbt.PROJECT_DIR / "dbt_project.yml")


def check(installation: Installation, elsewhere: Validate | None = None) -> Audit:
    """Audit the candidate in schema audit, in this process or `elsewhere`, and write the page with the results."""
    engine, marts = installation.engine_of(Role.CHECKER), published_marts(installation)
    snapshot = {"isolation_level": "REPEATABLE READ"}
    with (
        timed(installation.settings, "check"),
        engine.connect().execution_options(**snapshot) as connection,
        ThreadPoolExecutor(1) as beside,
    ):
        candidate = current_candidate(connection)
        # Until the checks end, the candidate's tables stay the tables that are fingerprinted. Rows that come after this
        # moment are in no fingerprint, so that no candidate is published that was checked before they came.
        require_plain(connection, publishing.candidate_relations(marts))
        seen = beside.submit(publishing.fingerprint, connection, marts)
        found = audit(engine, candidate.candidate_id, seen.result, suites_of(marts), elsewhere=elsewhere)
    reach("check:audited")
    write_page(installation.settings.checks, found)
    return found


@dataclass(frozen=True)
class Verdict:
    """The last audit of the candidate that stands in schema audit: checks in all, and how many failed."""

    check_count: int
    failed_count: int


def verdict(installation: Installation) -> Verdict:
    """Return the verdict that was recorded for the candidate.

    Raises:
        SliceError: there is no candidate.
    """
    with installation.engine_of(Role.CHECKER).connect() as connection:
        candidate = current_candidate(connection)
        found = connection.execute(text(_VERDICT), {"candidate": candidate.candidate_id}).one()
    return Verdict(found.expectation_count, found.failed_count)


_VERDICT = """
select expectation_count, failed_count
from ops.audits
where candidate_id = :candidate
order by audit_id desc
limit 1
"""
