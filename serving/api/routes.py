"""What can be asked: the ready questions of a site."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg import AsyncConnection
from pydantic import BaseModel

from footfall.answers.questions import Parameters
from serving.api.answer import Answer, Question, ask
from serving.api.formats import CHARSETS, MEDIA_TYPES, Format, accepted, written
from serving.api.problem import MEDIA_TYPE, Problem, bad_parameter, unauthorized, unknown_site
from serving.tokens.connections import Connections
from serving.tokens.limits import Limits
from serving.tokens.registry import Registry
from warehouse.access.credential import Credential

MOST_DAYS, MOST_ROWS, MOST_PAGES = 36_500, 10_000, 100_000


class Answered(BaseModel):
    """An answer in JSON."""

    question: str
    site: str
    publication: int | None
    """The publication that is read; null: nothing is published."""
    as_of: datetime
    """When this was published; of live questions, now."""
    is_final: bool | None
    """Whether no day of it will change; null: unknown."""
    next: str | None
    """Where the next page is, of a question that takes `page`; null: this may be the last."""
    rows: list[dict[str, Any]]


class Refused(BaseModel):
    """A problem document, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    parameter: str | None = None


_REFUSALS = {
    401: "The token is missing or not valid.",
    404: "There is no such site or question, or the token may not read the site.",
    406: "None of the accepted formats is there.",
    422: "A parameter does not fit; `parameter` names it.",
    429: "The token asks too much; `Retry-After` says when to ask again.",
    503: "The database does not answer, or nothing is published; `Retry-After` says when to ask again.",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Answered,
        "description": "The rows, with the publication that they are of. In CSV and NDJSON: the rows alone.",
        "content": {media: {} for media in MEDIA_TYPES.values()},
    },
    304: {"description": "The answer with the `ETag` of `If-None-Match` is still right."},
    **{
        status: {"description": text, "content": {MEDIA_TYPE: {"schema": Refused.model_json_schema()}}}
        for status, text in _REFUSALS.items()
    },
}


def routes(
    questions: Mapping[str, Question], registry: Registry, connections: Connections, limits: Limits
) -> APIRouter:
    """Return the routes on which these questions are answered."""
    router = APIRouter(prefix="/v1")
    signed_in = _signed_in(registry)
    names = {"enum": sorted(questions)}
    listed = " ".join(f"{question.name}: {question.asks}" for question in questions.values())

    @router.get(
        "/sites/{site}/questions/{name}",
        response_class=Response,
        responses=_RESPONSES,
        summary="A ready question about one site.",
        description=f"A ready question about one site. {listed}",
    )
    async def question(
        request: Request,
        token: Annotated[Credential, Depends(signed_in)],
        site: Annotated[str, Path(description="The site.")],
        name: Annotated[str, Path(description="The question.", json_schema_extra=names)],
        days: Annotated[int, Query(ge=0, le=MOST_DAYS, description="The last so many published days; 0: all.")] = 7,
        rows: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Largest number of rows in a long answer.")] = 20,
        page: Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which part of a long answer.")] = 1,
        sort: Annotated[
            str, Query(pattern="^[a-z_]*$", max_length=40, description="The order, where a question offers several.")
        ] = "",
        ascending: Annotated[bool, Query(description="Whether the least value comes first.")] = False,
        format: Annotated[Format | None, Query(description="Instead of the header Accept.")] = None,
    ) -> Response:
        _require_known(request, {"days", "rows", "page", "sort", "ascending", "format"})
        form = format or accepted(request.headers.get("accept", ""))
        if form is None:
            raise Problem(HTTPStatus.NOT_ACCEPTABLE, f"there is {', '.join(MEDIA_TYPES.values())}")
        if name not in questions:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such question; /docs shows all")
        if "\0" in site:
            raise unknown_site()
        asked = Parameters(site, days, rows, page, sort, ascending)
        known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]

        async def work(connection: AsyncConnection) -> Answer:
            return await ask(connection, questions[name], asked, form, known)

        with limits.one_of(token.token_id):
            answer = await connections.run(token, work)
        headers = _headers(answer)
        if not answer.columns:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        following = None
        if "page" in questions[name].takes and len(answer.rows) == rows and page < MOST_PAGES:
            following = str(request.url.include_query_params(page=page + 1).replace(scheme="", netloc=""))
            headers["Link"] = f'<{following}>; rel="next"'
        about = {
            "question": name,
            "site": site,
            "publication": answer.publication,
            "as_of": answer.as_of,
            "is_final": answer.is_final,
            "next": following,
        }
        body = written(form, about, answer.columns, answer.rows)
        return Response(body, headers=headers, media_type=MEDIA_TYPES[form] + CHARSETS.get(form, ""))

    return router


def _signed_in(registry: Registry) -> Callable:
    scheme = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `footfall token add`.")

    async def signed_in(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]
    ) -> Credential:
        admitted = await registry.admit(given.credentials if given else "")
        if admitted is None:
            raise unauthorized()
        token, request.state.known = admitted
        return token

    return signed_in


def _require_known(request: Request, names: set[str]) -> None:
    """Refuse a parameter that is unknown, so that no misspelt one is ignored, or that is given twice."""
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name not in names:
            raise bad_parameter(name, f"there is no such parameter; there is {', '.join(sorted(names))}")
        if name in seen:
            raise bad_parameter(name, "it is given twice")
        seen.add(name)


def _headers(answer: Answer) -> dict[str, str]:
    headers = {
        "Cache-Control": "private, no-cache" if answer.etag else "private, no-store",
        "Vary": "Authorization, Accept",
        "Footfall-As-Of": answer.as_of.isoformat(),
    }
    if answer.publication is not None:
        headers["Footfall-Publication"] = str(answer.publication)
    if answer.is_final is not None:
        headers["Footfall-Final"] = str(answer.is_final).lower()
    if answer.etag:
        headers["ETag"] = answer.etag
    return headers
