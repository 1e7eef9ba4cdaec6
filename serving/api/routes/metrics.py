"""The metrics of one site, by their definitions for MetricFlow."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from footfall.answers.metric_query import MetricQuery
from serving.api.answer import Rows
from serving.api.described import Known, responses
from serving.api.exchange import MOST_PAGES, Asking
from serving.api.routes.period import DaysOrAll
from serving.api.routes.questions import MOST_ROWS

_NAMES = r"^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$"
_MOST_LETTERS = 1000

router = APIRouter(prefix="/v1/sites/{site}")


class Metrics(Known):
    """The answer of `/metrics`."""

    page: int
    total: int
    """How many rows there are on all pages."""
    rows: list[dict[str, Any]]
    """What is grouped by, and the metrics, each by its name."""


@router.get("/metrics", response_class=Response, responses=responses(Metrics))
async def metrics(
    asking: Asking,
    days: DaysOrAll,
    metrics: Annotated[
        str,
        Query(
            pattern=_NAMES,
            max_length=_MOST_LETTERS,
            description="Names of metrics, with commas between.",
            examples=["sessions,visitors"],
        ),
    ],
    group_by: Annotated[
        str,
        Query(
            pattern=f"{_NAMES}|^$",
            max_length=_MOST_LETTERS,
            description="What they are grouped by, with commas between, such as metric_time__day,session__channel.",
            examples=["metric_time__day,session__channel"],
        ),
    ] = "",
    rows: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Largest number of rows.")] = 1000,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which part of a long answer.")] = 1,
) -> Response:
    """Metrics of the site, of all time or of some days: what `footfall metrics query` gives."""
    asked = MetricQuery(tuple(metrics.split(",")), tuple(group_by.split(",")) if group_by else ())
    given = days.parameters(asking.site, rows=rows, page=page)

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        [answered] = found
        paging = {"page": page, "total": answered.total, "next": asking.after(given, answered)}
        return about | paging | {"rows": answered.named()}

    return await asking.answer({asked: given}, body)
