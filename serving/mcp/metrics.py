"""The metrics as tools: list them with what they can be grouped by, query them."""

import asyncio
from typing import Annotated, Any

import msgspec

from footfall.answers.metric_query import MetricError, MetricQuery
from footfall.answers.questions import Parameters, PeriodError, require_period
from serving.api.problem import bad_parameter
from serving.mcp.call import FORM, MOST_ROWS, Arguments, Call, Days, FirstDay, LastDay, Page, Site, Tool, about_site
from serving.mcp.questions import answered

Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$", max_length=200)]


class ListMetrics(Arguments):
    """Which metrics' groups to list."""

    metrics: Annotated[
        tuple[Name, ...],
        msgspec.Meta(description="Names of metrics: list what these can be grouped by.", max_length=20),
    ] = ()


class QueryMetrics(Arguments):
    """Metrics of a site, grouped."""

    site: Site
    metrics: Annotated[
        tuple[Name, ...], msgspec.Meta(description="Names of metrics, such as sessions.", min_length=1, max_length=20)
    ]
    group_by: Annotated[
        tuple[Name, ...],
        msgspec.Meta(
            description="What they are grouped by, such as metric_time__day, session__channel.", max_length=20
        ),
    ] = ()
    days: Annotated[Days | None, msgspec.Meta(description="The last so many published days. Without it, all.")] = None
    first: FirstDay = msgspec.field(default=None, name="from")
    last: LastDay = msgspec.field(default=None, name="to")
    rows: Annotated[int, msgspec.Meta(description="Largest number of rows.", ge=1, le=MOST_ROWS)] = 100
    page: Page = 1


async def _list(call: Call, given: ListMetrics) -> dict[str, Any]:
    known = await asyncio.to_thread(call.reading.metrics.metrics)
    if not given.metrics:
        return {"columns": ["metric", "what_it_is"], "rows": [list(each) for each in known.items()]}
    try:
        groups = await asyncio.to_thread(call.reading.metrics.groups, given.metrics)
    except MetricError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    return {"metrics": {name: known[name] for name in given.metrics}, "group_by": groups}


async def _query(call: Call, given: QueryMetrics) -> dict[str, Any]:
    try:
        require_period(given.days, given.first, given.last)
    except PeriodError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    question = await call.reading.question(MetricQuery(given.metrics, given.group_by), None)
    asked = Parameters(
        site=given.site, days=given.days or 0, first=given.first, last=given.last, rows=given.rows, page=given.page
    )
    about, [found] = await call.reading.read(call.reader.login, [(question, asked)], FORM)
    return about_site(given.site, about) | answered(found, given.rows, given.page)


LIST = Tool(
    "list_metrics",
    "List metrics",
    "List the metrics with their definitions; with `metrics`, what these can be grouped by.",
    ListMetrics,
    _list,
)
QUERY = Tool(
    "query_metrics",
    "Query metrics",
    "Give metrics of one site, by what they are grouped by, of all time or of some days. Sums are right over any days:"
    " do not add up figures of distinct visitors yourself.",
    QueryMetrics,
    _query,
)
