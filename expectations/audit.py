"""Audit one candidate: run every check and record the verdict that publish asks for.

Writes `ops.audits` and `ops.check_results`, nothing else. Publishes nothing; draws nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, text

from expectations.checks.check import Suite
from expectations.checks.result import CheckResult, GateError
from expectations.checks.validate import validate
from runtime.failpoints import reach

Validate = Callable[[URL, Sequence[Suite], float], list[CheckResult]]


@dataclass(frozen=True)
class Audit:
    """What was found about one candidate, as recorded in `ops.audits`."""

    audit_id: int
    candidate_id: UUID
    first_date: date
    last_date: date
    audited_at: datetime
    passed: bool
    results: tuple[CheckResult, ...]

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that did not pass, in the order of the suites."""
        return [result for result in self.results if not result.passed]


def audit(
    engine: Engine,
    candidate_id: UUID,
    fingerprint: Callable[[], str] | str,
    suites: Sequence[Suite],
    timeout_seconds: float = 300,
    elsewhere: Validate | None = None,
) -> Audit:
    """Check the candidate and record what was found. Each call records an audit of its own.

    Args:
        engine: the database, as a role that may write `ops`.
        candidate_id: the candidate in `ops.candidates` that now stands in schema `audit`.
        fingerprint: content hash of its tables, or what waits for it; the verdict is about this content and no other.
        suites: what to check.
        timeout_seconds: the longest that one statement may take.
        elsewhere: what runs the suites, if not `validate` in this process.

    Raises:
        GateError: there are no checks, or no such candidate. Nothing was recorded, so nothing can be published.
    """
    expected = [(suite.mart, check.name, check.claim) for suite in suites for check in suite.checks]
    if not expected:
        raise GateError("there are no checks to carry out: an empty suite proves nothing")
    try:
        reported = (elsewhere or validate)(engine.url, suites, timeout_seconds)
        silence = "no result was reported for this check"
    except GateError as error:
        reported, silence = [], str(error)
    results = _every_expected(expected, reported, silence)
    seen = fingerprint if isinstance(fingerprint, str) else fingerprint()
    with engine.begin() as connection:
        found = _record(connection, candidate_id, seen, results)
        reach("check:before_commit", connection)
    return found


def _every_expected(
    expected: Sequence[tuple[str, str, str]], reported: Sequence[CheckResult], silence: str
) -> tuple[CheckResult, ...]:
    """One result for every check that was asked for: what is missing, or reported twice, has failed."""
    results = []
    for mart, name, claim in expected:
        matching = [result for result in reported if (result.mart, result.name) == (mart, name)]
        if len(matching) == 1:
            results.append(matching[0])
        elif matching:
            results.append(replace(matching[0], passed=False, error="more than one result was reported"))
        else:
            results.append(CheckResult(mart, name, claim, passed=False, error=silence))
    return tuple(results)


def _record(connection: Connection, candidate_id: UUID, fingerprint: str, results: tuple[CheckResult, ...]) -> Audit:
    candidate = connection.execute(
        text("select first_date, last_date from ops.candidates where candidate_id = :candidate_id"),
        {"candidate_id": candidate_id},
    ).one_or_none()
    if candidate is None:
        raise GateError(f"there is no candidate {candidate_id}")
    failed_count = sum(not result.passed for result in results)
    recorded = connection.execute(
        text("""
            insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)
            values (:candidate_id, :fingerprint, :passed, :expectation_count, :failed_count)
            returning audit_id, audited_at
        """),
        {
            "candidate_id": candidate_id,
            "fingerprint": fingerprint,
            "passed": failed_count == 0,
            "expectation_count": len(results),
            "failed_count": failed_count,
        },
    ).one()
    connection.execute(
        text("""
            insert into ops.check_results (audit_id, mart, expectation, passed, observed, failing_rows)
            values (:audit_id, :mart, :expectation, :passed, :observed, cast(:failing_rows as jsonb))
        """),
        [
            {
                "audit_id": recorded.audit_id,
                "mart": result.mart,
                "expectation": result.name,
                "passed": result.passed,
                "observed": result.reason,
                "failing_rows": json.dumps(result.failing_rows) if result.failing_rows else None,
            }
            for result in results
        ],
    )
    return Audit(
        audit_id=recorded.audit_id,
        candidate_id=candidate_id,
        first_date=candidate.first_date,
        last_date=candidate.last_date,
        audited_at=recorded.audited_at,
        passed=failed_count == 0,
        results=results,
    )
