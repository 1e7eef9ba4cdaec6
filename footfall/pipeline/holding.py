"""Hold back the days of sites with which a build or a check fails, so that the next slice is built without them.

What is held, and until when, is kept in `warehouse.publication.held_days`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from expectations.attribution import failure_by_rows, offences
from expectations.audit import Audit
from expectations.checks import checker
from expectations.checks.result import GateError
from expectations.suites import suites_of
from footfall.pipeline import candidates, dbt, engine, suspects
from footfall.pipeline.installation import Installation, published_marts
from warehouse.postgres.roles import Role
from warehouse.publication.held_days import SHARED_BY, Failure, HeldDay, hold, list_held
from warehouse.publication.slices import (
    Slice,
    is_proven,
    newest_candidate,
)


def hold_back(installation: Installation, found: Audit) -> list[HeldDay]:
    """Hold back the days of the sites for which the candidate failed its audit. The next slice is built without them.

    Where only checks failed that were not carried out, sites are built and checked apart.

    Raises:
        GateClosed: a check failed for what is no single site's, so that nothing can be published.
    """
    suites = suites_of(published_marts(installation))
    try:
        reasons = [failure_by_rows(result) for result in found.failed if result.error]
        if carried_out := [result for result in found.failed if not result.error]:
            with installation.engine_of(Role.CHECKER).connect() as connection:
                failed = offences(connection, suites, carried_out)
            with installation.engine_of(Role.TRANSFORMER).begin() as connection:
                return hold(connection, found.candidate_id, failed)
        if held := _hold_at_fault(installation, reasons[0], lambda few: _not_carried_out(installation, few, reasons)):
            return held
    except (GateError, dbt.BuildFailed) as why:
        raise candidates.GateClosed(found, why) from None
    raise candidates.GateClosed(found, "no site is alone the reason")


def hold_back_unbuilt(installation: Installation, failed: dbt.BuildFailed) -> list[HeldDay]:
    """Hold back the days of the sites with which the candidate cannot be built. The next slice is built without them.

    Sites are built apart to find them: halves, then halves of those that fail. One that may have failed by the
    server's load is built once more.

    Raises:
        BuildFailed: the build failed for what is no single site's, so that nothing can be published.
    """
    if failed.failure and (
        held := _hold_at_fault(installation, failed.failure, lambda few: _not_built(installation, few))
    ):
        return held
    raise failed


def _hold_at_fault(
    installation: Installation, failure: Failure, attempt: Callable[[Slice], Failure | None]
) -> list[HeldDay]:
    """Hold back the sites of the newest candidate that fail alone; none if all do, or if only several together fail.

    That all fail is no site's fault, unless the same models have built other sites.
    """
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        candidate = newest_candidate(connection)
        proven = is_proven(connection, candidate)
    sites = candidate.slice.sites or frozenset()
    if len(sites) == 1 and not proven:
        return []
    found = suspects.offences(candidate.slice, failure, attempt)
    at_fault = frozenset(offence.site_id for offence in found)
    if not found or (at_fault == sites and not proven):
        return []
    if len(candidate.slice.days) > 1 and not _shows_what_days_share(
        installation, replace(candidate.slice, sites=at_fault)
    ):
        found = [replace(offence, holds_others=True) for offence in found]
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        return hold(connection, candidate.candidate_id, found)


def _shows_what_days_share(installation: Installation, of: Slice) -> bool:
    """Build a slice as far as that goes, and return whether it goes as far as what `held_days.hold` reads."""
    candidates.begin(installation, of)
    try:
        engine.build(installation)
    except dbt.BuildFailed as failed:
        return failed.built.issuperset(SHARED_BY)
    return True


def _not_built(installation: Installation, few: Slice) -> Failure | None:
    """Build a slice, and return what failed because of its rows."""
    candidates.begin(installation, few)
    try:
        engine.build(installation)
    except dbt.BuildFailed as failed:
        if not failed.failure:
            raise
        return failed.failure
    return None


def _not_carried_out(installation: Installation, few: Slice, failures: Sequence[Failure]) -> Failure | None:
    """Build a slice, and return which of the checks cannot be carried out because of its rows."""
    if failure := _not_built(installation, few):
        return failure
    wanted = {(failure.mart, failure.expectation) for failure in failures}
    suites = [
        replace(suite, checks=checks)
        for suite in suites_of(published_marts(installation))
        if (checks := tuple(check for check in suite.checks if (suite.mart, check.name) in wanted))
    ]
    results = checker.validate_elsewhere(installation.engine_of(Role.CHECKER).url, suites)
    return next((failure_by_rows(result) for result in results if result.error), None)


def held_back(installation: Installation) -> list[HeldDay]:
    """Return the days of sites that are held back."""
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        return list_held(connection)
