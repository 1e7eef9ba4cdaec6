"""The ready questions about a site, each by its name."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from footfall.answers.questions import Dimension, Interval, questions
from serving.api.answer import Rows
from serving.api.described import Known, responses
from serving.api.exchange import MOST_PAGES, AskingWithToday
from serving.api.problem import Problem, bad_parameter
from serving.api.routes.period import Days

MOST_ROWS = 10_000
MOST_ID = 128
"""Characters of an id of a user or a community, or of a name."""
MOST_PATH = 600
"""Characters of a path, as daily figures write it."""
NO_NULL = r"^[^\x00]*$"
"""What the database takes as text."""
_QUESTIONS = questions()


def _only(what: str, longest: int = MOST_ID) -> Any:
    return Query(pattern=NO_NULL, max_length=longest, description=f"{what}; empty: all.")


_LISTED = " ".join(f"{name}: {asks}" for name, asks in _QUESTIONS.items())

router = APIRouter(prefix="/v1/sites/{site}")


class Answered(Known):
    """An answer in JSON."""

    question: str
    total: int | None
    """How many rows there are on all pages; null: of a question that does not take `page`."""
    rows: list[dict[str, Any]]


@router.get(
    "/questions/{name}",
    response_class=Response,
    responses=responses(Answered),
    summary="A ready question about one site.",
    description=f"A ready question about one site. {_LISTED}",
)
async def question(
    asking: AskingWithToday,
    name: Annotated[str, Path(description="The question.", json_schema_extra={"enum": list(_QUESTIONS)})],
    days: Days,
    rows: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Largest number of rows in a long answer.")] = 20,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which part of a long answer.")] = 1,
    sort: Annotated[
        str, Query(pattern="^[a-z_]*$", max_length=40, description="The order, where a question offers several.")
    ] = "",
    ascending: Annotated[bool, Query(description="Whether the least value comes first.")] = False,
    interval: Annotated[
        Interval, Query(description="Instead of days, of customers: the last 24 hours, 7 or 30 days to the minute.")
    ] = "all",
    dimension: Annotated[Dimension, Query(description="By what visitors are told apart; empty: by nothing.")] = "",
    user: Annotated[str, _only("Of this user alone")] = "",
    community: Annotated[str, _only("Of this community alone")] = "",
    channel: Annotated[str, _only("Only sessions of this channel")] = "",
    path: Annotated[str, _only("Only sessions that viewed this path", MOST_PATH)] = "",
    device: Annotated[str, _only("Only sessions on this type of device")] = "",
    country: Annotated[str, _only("Only sessions from this country")] = "",
) -> Response:
    """Answer a ready question."""
    if name not in _QUESTIONS:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such question; /docs shows all")
    narrowed = {
        "interval": interval,
        "dimension": dimension,
        "user": user,
        "community": community,
        "channel": channel,
        "path": path,
        "device": device,
        "country": country,
    }
    for parameter in narrowed.keys() & asking.request.query_params.keys() - asking.takes(name):
        raise bad_parameter(parameter, f"{name} does not take it")
    given = days.parameters(asking.site, rows=rows, page=page, sort=sort, ascending=ascending, **narrowed)

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        [answered] = found
        ends = {"total": answered.total, "next": asking.after(given, answered)}
        return {"question": name} | about | ends | {"rows": answered.named()}

    return await asking.answer({name: given}, body)
