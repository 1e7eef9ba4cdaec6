"""Run the suites through Great Expectations. Only this module and `counting` import it.

Great Expectations is slow to import and slower with samples. So it is imported when called; it gives plain verdicts
first, and offending rows only for checks that failed. Writes no file and no table.
"""

import importlib
import math
import sys
import warnings
from collections.abc import Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy import URL, make_url

from expectations.checks.at_once import decided_at_once, offenders
from expectations.checks.check import Check, Suite, no_rows
from expectations.checks.counting import counting
from expectations.checks.result import CheckResult, GateError
from runtime.failpoints import reach
from warehouse.postgres.connect import connect_args

SAMPLE_ROWS = 20
SAMPLE_TEXT = 200
COUNTED_ROWS = 1000
"""Offending rows are counted up to this number, so that a mart of only wrong rows costs no more than a sound one."""


def validate(url: URL | str, suites: Sequence[Suite], timeout_seconds: float = 300) -> list[CheckResult]:
    """Check every suite's mart; one result per check, in the order of the suites.

    A check that crashes (a missing table, a timeout) has failed with the error as its reason; the others are
    still carried out.

    Args:
        url: the database that holds the marts.
        suites: what to check.
        timeout_seconds: the longest that one statement may take.

    Raises:
        GateError: there is nothing to check, or Great Expectations itself does not run.
    """
    if not suites or not all(suite.checks for suite in suites):
        raise GateError("there are no checks to carry out: an empty suite proves nothing")
    try:
        gx = import_great_expectations()
        source = _connect(gx, url, timeout_seconds)
    except Exception as error:
        raise GateError(f"Great Expectations does not run: {_first_line(error)}") from error
    try:
        return [result for suite in suites for result in _check_suite(gx, source, suite)]
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().close()


def import_great_expectations() -> Any:
    """Import the package, which takes more than a second, and return it."""
    with warnings.catch_warnings():  # it uses a module of the standard library that is deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        for name in _UNUSED:
            sys.modules.setdefault(name, _PutOff(name))
        import great_expectations
        import great_expectations.expectations
    return great_expectations


_UNUSED = ("scipy.stats", "altair")
"""What Great Expectations imports for expectations that no suite has: two fifths of its own import."""


class _PutOff(ModuleType):
    """Stands for a module until something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _connect(gx: Any, url: URL | str, timeout_seconds: float) -> Any:
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
        ),
        # Passed in a variable: Great Expectations parses a literal URL more strictly than PostgreSQL does.
        runtime_environment={"WAREHOUSE": make_url(url).render_as_string(hide_password=False)},
    )
    context.variables.progress_bars = {"globally": False}
    session = (
        "search_path=audit",
        "default_transaction_read_only=on",
        f"statement_timeout={timeout_seconds * 1000:.0f}",
    )
    return context.data_sources.add_postgres(
        "warehouse",
        connection_string="${WAREHOUSE}",
        kwargs={"connect_args": connect_args(make_url(url), *session)},
    )


def _check_suite(gx: Any, source: Any, suite: Suite) -> list[CheckResult]:
    try:
        reach("check:suite")
        asset = source.add_table_asset(suite.mart, table_name=suite.mart)
        batch = asset.get_batch(asset.build_batch_request())
        at_once = decided_at_once(suite)
        apart = [check for check in suite.checks if check not in at_once]
        whole = [no_rows(_AT_ONCE, "All checks of columns and of the key pass", offenders(suite))] if at_once else []
        verdicts, unknown = _ask(gx, batch, [*apart, *whole])
        passed = at_once if _passes(verdicts.get(_AT_ONCE)) else ()
        if not passed:
            each_alone, rejected = _ask(gx, batch, at_once)
            verdicts |= each_alone
            unknown |= rejected
    except Exception as error:
        return [_failed(suite, check, error=_first_line(error)) for check in suite.checks]
    return [
        CheckResult(suite.mart, check.name, check.claim, passed=True)
        if check in passed
        else _failed(suite, check, error=unknown[check.name])
        if check.name in unknown
        else _check_result(gx, batch, suite, check, verdicts.get(check.name))
        for check in suite.checks
    ]


def _passes(verdict: Any) -> bool:
    return verdict is not None and verdict.success and not _error(verdict)


_AT_ONCE = "checks that are decided at once"
"""Meta of an expectation that stands for many checks. Where it does not pass, each of them is asked alone."""


def _ask(gx: Any, batch: Any, checks: Sequence[Check]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the verdict on each check, and why Great Expectations rejects those that it does."""
    known, unknown = _expectations(gx, checks)
    if not known:
        return {}, unknown
    whole = gx.ExpectationSuite(name=batch.data_asset.name, expectations=list(known.values()))
    results = batch.validate(whole, result_format="BOOLEAN_ONLY").results
    return {verdict.expectation_config.meta["check"]: verdict for verdict in results}, unknown


def _expectations(gx: Any, checks: Sequence[Check]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return checks as expectations, and the checks that Great Expectations rejects, with the reason."""
    known: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    for check in checks:
        try:
            known[check.name] = _expectation(counting(_kind(gx, check)), check)
        except Exception as error:
            unknown[check.name] = " ".join(str(error).split())
    return known, unknown


def _kind(gx: Any, check: Check) -> Any:
    return getattr(gx.expectations, check.expectation)


def _expectation(kind: Any, check: Check) -> Any:
    arguments = dict(check.arguments)
    if check.is_query:
        arguments["unexpected_rows_query"] = _bounded(arguments["unexpected_rows_query"])
    return kind(**arguments, meta={"check": check.name})


def _bounded(query: str) -> str:
    """Escape the query so that Great Expectations and SQLAlchemy do not change it, and limit its rows."""
    literal = query.replace("{", "{{").replace("}", "}}").replace(":", r"\:")
    # The comment avoids a warning on standard output about queries that do not name their batch.
    return f"select * from ({literal}) as offending limit {COUNTED_ROWS} /* {{batch}} */"


def _check_result(gx: Any, batch: Any, suite: Suite, check: Check, verdict: Any) -> CheckResult:
    if verdict is None:
        return _failed(suite, check, error="Great Expectations did not report on this check")
    crash = _error(verdict)
    if verdict.success and not crash:
        return CheckResult(suite.mart, check.name, check.claim, passed=True)
    if crash and check.is_query:
        return _failed(suite, check, error=crash)
    # Column checks share one statement, so that one crash fails them all: run each alone.
    try:
        alone = batch.validate(_expectation(_kind(gx, check), check), result_format=_detailed(suite, check))
    except Exception as error:
        return _failed(suite, check, error=_first_line(error))
    if crash_alone := _error(alone):
        return _failed(suite, check, error=crash_alone)
    if not alone.success:
        return _failed(suite, check, observed=_observed(alone.result), failing_rows=_sample(alone.result))
    if crash:
        return CheckResult(suite.mart, check.name, check.claim, passed=True)
    return _failed(suite, check, error="it failed, and passed when asked again")


def _detailed(suite: Suite, check: Check) -> dict[str, Any]:
    if check.is_query:
        return {"result_format": "COMPLETE"}
    return {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLE_ROWS,
        "unexpected_index_column_names": list(suite.key),
    }


def _failed(suite: Suite, check: Check, **why: Any) -> CheckResult:
    return CheckResult(suite.mart, check.name, check.claim, passed=False, **why)


def _error(verdict: Any) -> str | None:
    """Return the message of the exception in a verdict, if there is one; there may be one per metric."""
    information = verdict.exception_info or {}
    reports = [information] if "raised_exception" in information else information.values()
    for report in reports:
        if report.get("raised_exception"):
            return _first_line(report.get("exception_message") or "unknown error")
    return None


def _first_line(error: object) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:500]


def _observed(result: dict[str, Any]) -> str:
    if "unexpected_count" in result:
        return f"{result['unexpected_count']:,} of {result['element_count']:,} rows"
    count = result.get("observed_value")
    return f"{count:,} rows or more" if count == COUNTED_ROWS else f"{count:,} row{'s' if count != 1 else ''}"


def _sample(result: dict[str, Any]) -> list[dict[str, Any]]:
    rows = (
        result.get("details", {}).get("unexpected_rows")
        or result.get("partial_unexpected_index_list")
        or result.get("partial_unexpected_list")
        or []
    )
    return [_json(row if isinstance(row, dict) else {"value": row}) for row in rows[:SAMPLE_ROWS]]


def _json(value: Any) -> Any:
    """Return the value as JSON can hold it, long text cut."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return text if len(text) <= SAMPLE_TEXT else text[: SAMPLE_TEXT - 1] + "…"
