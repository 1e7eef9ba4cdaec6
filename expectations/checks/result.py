"""The result of a check. Knows nothing of Great Expectations, the database or the page."""

from dataclasses import dataclass, field
from typing import Any

from runtime.errors import FootfallError


class GateError(FootfallError):
    """The gate itself failed. That is never a pass."""


@dataclass(frozen=True)
class CheckResult:
    """One check of one mart: its verdict and, when it failed, why."""

    mart: str
    name: str
    claim: str
    passed: bool
    observed: str | None = None
    """What was found instead, in words; None where the check passed or never ran."""
    error: str | None = None
    """Why the check could not be carried out; None where it was."""
    failing_rows: list[dict[str, Any]] = field(default_factory=list)
    """A sample of the offending rows, as JSON values."""

    @property
    def reason(self) -> str | None:
        """Why this check failed, in one line; None where it passed."""
        if self.passed:
            return None
        return self.error or self.observed or "failed without saying why"
