"""Which days are asked for: the last so many published ones, or those from one day to another."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BeforeValidator

from footfall.answers.questions import Parameters, PeriodError, require_period
from serving.api.problem import bad_parameter

MOST_DAYS = 36_500


def _written_day(given: Any) -> Any:
    if isinstance(given, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", given, re.ASCII):
        raise ValueError("write it as 2026-11-30")
    return given


Day = Annotated[date, BeforeValidator(_written_day)]


@dataclass(frozen=True)
class Period:
    """Days of the site's own. `days` counts only where neither `first` nor `last` is given."""

    days: int
    first: date | None
    last: date | None

    def parameters(self, site: str, **others: Any) -> Parameters:
        """Return the parameters of a question about these days."""
        return Parameters(site=site, days=self.days, first=self.first, last=self.last, **others)

    @property
    def number(self) -> int | None:
        """How many days these are; None: all, or all on one side of a day."""
        if self.first and self.last:
            return (self.last - self.first).days + 1
        return None if self.first or self.last else self.days or None


def period_of(default: int) -> Callable[..., Period]:
    """Return what reads the days that a request asks for; without any, the last so many, or with 0 all."""
    without = default or "all"

    def period(
        days: Annotated[
            int | None,
            Query(ge=0, le=MOST_DAYS, description=f"The last so many published days; 0: all. Without it, {without}."),
        ] = None,
        first: Annotated[
            Day | None, Query(alias="from", description="Instead of days: not before this day of the site's own.")
        ] = None,
        last: Annotated[Day | None, Query(alias="to", description="Not after this day of the site's own.")] = None,
    ) -> Period:
        try:
            require_period(days, first, last)
        except PeriodError as error:
            raise bad_parameter(error.parameter, error.reason) from None
        return Period(default if days is None else days, first, last)

    return period


Days = Annotated[Period, Depends(period_of(7))]
"""The parameter of a route that holds the days."""
DaysOrAll = Annotated[Period, Depends(period_of(0))]
