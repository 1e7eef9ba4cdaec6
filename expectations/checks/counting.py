"""Expectations that decide by the number of offending rows alone: the fence around Great Expectations' classes.

Without it a query runs twice, for the number and for the rows; a check of a column also counts its nulls; and each
expectation makes its configuration 70 times. That is 1.3 s of Python for 335 checks, against 0.6 with it.
"""

from functools import cache
from typing import Any


@cache
def counting(kind: Any) -> Any:
    """Return a subclass of an expectation in `great_expectations.expectations` that decides by one number.

    It does not describe the offending rows; the original class does that.
    """
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.expectations.expectation import BatchExpectation

    metric = f"{kind.map_metric}.unexpected_count" if hasattr(kind, "map_metric") else "unexpected_rows_query.row_count"

    def configuration(self: Any) -> Any:
        if self._configuration is None:
            self._configuration = super(kind, self).configuration
        return self._configuration

    def verdict(_: Any, metrics: dict[str, Any], **__: Any) -> dict[str, bool]:
        return {"success": not metrics[metric]}  # For an empty table the number is null.

    members = {
        "__module__": __name__,
        "metric_dependencies": (metric,),
        "get_validation_dependencies": BatchExpectation.get_validation_dependencies,
        "configuration": property(configuration),
        "_configuration": PrivateAttr(default=None),
        "_validate": verdict,
    }
    return type(kind)(f"{kind.__name__}ByCount", (kind,), members)
