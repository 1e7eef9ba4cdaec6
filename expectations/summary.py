"""Say in one terminal screen why an audit failed. What rows say is shown escaped."""

from collections.abc import Sequence
from typing import Any

from expectations.checks.result import CheckResult
from runtime.display import shown

CHECKS = 4
ROWS = 2
WIDTH = 110


def summary(results: Sequence[CheckResult]) -> str:
    """Return the verdict, reason and a few rows of the first failed checks, and the number of further failures."""
    failed = [result for result in results if not result.passed]
    if not results:
        return "No checks were carried out."
    if not failed:
        return f"All {len(results)} checks passed."
    lines = [f"{len(failed)} of {len(results)} checks failed; nothing was published."]
    for result in failed[:CHECKS]:
        lines += ["", f"✗ {result.mart}: {result.claim}", f"  {result.reason}  [{result.name}]"]
        lines += [f"    {_row(row)}" for row in result.failing_rows[:ROWS]]
    if more := failed[CHECKS:]:
        lines += [
            "",
            f"… and {len(more)} more: " + ", ".join(f"{result.mart}.{result.name}" for result in more),
        ]
    return "\n".join(_fit(line) for line in lines)


def _row(row: dict[str, Any]) -> str:
    return "  ".join(f"{column}={'null' if value is None else value}" for column, value in row.items())


def _fit(line: str) -> str:
    line = shown(line)
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
