"""One request of a token about one site, from who asks to the answer. Which questions it asks, routes say."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg import AsyncConnection

from footfall.answers.formats import Format, written
from footfall.answers.metric_query import MetricCompiler, MetricError, MetricQuery
from footfall.answers.questions import Parameters
from serving.api.answer import FOR_TOKENS, About, Asked, Fields, Question, Rows, ask, look
from serving.api.formats import CHARSETS, MEDIA_TYPES, accepted
from serving.api.kept import KeptAnswers
from serving.api.problem import (
    Problem,
    bad_parameter,
    no_contacts,
    too_many_rows,
    too_slow,
    unauthorized,
    unknown_site,
)
from serving.api.unchanged import UnchangedAnswers, asked_by
from serving.tokens.connections import STATEMENT_SECONDS, Connections, Login
from serving.tokens.contact_reads import ContactReads
from serving.tokens.cookie import kept
from serving.tokens.limits import Limits
from serving.tokens.registry import Registry
from warehouse.access.credential import Credential

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `footfall token add`.")

MOST_PAGES = 100_000
MOST_ROWS_AT_ONCE = 500
"""More rows are written in a thread, so that other requests do not wait."""
NO_FIELDS: Mapping[str | MetricQuery, Fields] = MappingProxyType({})
_Result = TypeVar("_Result")
_Form = TypeVar("_Form", bound=StrEnum)
Body = Callable[[dict[str, Any], Sequence[Rows]], dict[str, Any]]
"""Makes the answer in JSON of what is known about it (site, publication, as_of, is_final) and each question's rows."""


@dataclass(frozen=True)
class Reading:
    """What answering takes. The application keeps it in its state."""

    questions: Mapping[str, Question]
    metrics: MetricCompiler
    registry: Registry
    connections: Connections
    limits: Limits
    contact_reads: ContactReads
    kept: KeptAnswers
    unchanged: UnchangedAnswers
    published: str = FOR_TOKENS
    """How readers ask what is published."""

    async def question(self, asked: str | MetricQuery, fields: Fields | None) -> Question:
        """Return the question of this name with these fields, or that of metrics.

        Raises:
            Problem: there are no such metrics, or they cannot be grouped so.
        """
        if isinstance(asked, str):
            return replace(self.questions[asked], fields=fields)
        try:
            compiled = await asyncio.to_thread(self.metrics.compile, asked)
        except MetricError as error:
            raise bad_parameter(error.parameter, error.reason) from None
        return Question("metrics", "", compiled.sql, compiled.takes, fields={each: each for each in compiled.columns})

    async def read(
        self, login: Login, asked: Sequence[Asked], form: StrEnum, has: Callable[[About], bool] = lambda about: False
    ) -> tuple[About, list[Rows]]:
        """Ask questions at one moment, unless the client `has` their answers already: then there are no rows.

        Raises:
            Problem: the database shows this reader no such site, or it takes too long.
            psycopg.Error: as the server says.
        """

        async def work(connection: AsyncConnection) -> tuple[About, list[Rows]]:
            version = self.kept.version
            about = await look(connection, asked, form, self.published)
            if has(about):
                return about, []
            found = self.kept.find(about.etag) if about.etag else None
            if found is None:
                found = [await ask(connection, *each) for each in asked]
                if about.etag:
                    self.kept.keep(about.etag, found, version)
            return about, found

        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                return await self.connections.run(login, work)
        except TimeoutError:
            raise too_slow() from None


async def _token(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Credential:
    reading: Reading = request.app.state.reading
    admitted = await reading.registry.admit(given.credentials if given else kept(request))
    if admitted is None:
        raise unauthorized()
    token, request.state.known = admitted
    return token


class Signed:
    """A request of a valid token about one site. A route takes it with `Depends()`.

    Raises:
        Problem: a parameter is unknown or given twice.
    """

    def __init__(
        self,
        request: Request,
        token: Annotated[Credential, Depends(_token)],
        site: Annotated[str, Path(description="The site.")],
    ) -> None:
        self.request, self.token, self.site = request, token, site
        self._reading: Reading = request.app.state.reading
        _require_known(request)
        if "\0" in site:
            raise unknown_site()

    def wanted(self, format: _Form | None, offered: Mapping[_Form, str]) -> _Form:
        """Return the format that the request names, or that its client likes best of these.

        Raises:
            Problem: the client accepts none of them.
        """
        form = format or accepted(self.request.headers.get("accept", ""), offered)
        if form is None:
            raise Problem(HTTPStatus.NOT_ACCEPTABLE, f"there is {', '.join(offered.values())}")
        return form

    async def run(self, work: Callable[[AsyncConnection], Awaitable[_Result]]) -> _Result:
        """Do the work in a read-only transaction that sees one moment, as the token's role and within its limits.

        Raises:
            TooMany, Busy, psycopg.Error: the request is refused with these.
        """
        with self._reading.limits.one_of(self.token.token_id):
            return await self._reading.connections.run(self.token, work)

    @property
    def most_rows(self) -> int | None:
        """How many rows the token may read at once; None: any number."""
        return self._reading.limits.most_rows(self.token.token_id)

    def has(self, about: About) -> bool:
        """Whether the client has this answer already."""
        header = self.request.headers.get("if-none-match", "")
        known = [each.strip().removeprefix("W/") for each in header.split(",")]
        return about.etag is not None and (about.etag in known or "*" in known)


class SignedForAll(Signed):
    """The same about all sites that the token sees; `site` is empty."""

    def __init__(self, request: Request, token: Annotated[Credential, Depends(_token)]) -> None:
        super().__init__(request, token, "")


class Exchange(Signed):
    """The same, answered with the rows of questions in one of the formats of `MEDIA_TYPES`.

    Raises:
        Problem: as above, or no format that the client accepts is there.
    """

    def __init__(
        self,
        request: Request,
        token: Annotated[Credential, Depends(_token)],
        site: Annotated[str, Path(description="The site.")],
        format: Annotated[Format | None, Query(description="Instead of the header Accept.")] = None,
    ) -> None:
        super().__init__(request, token, site)
        self.form = self.wanted(format, MEDIA_TYPES)
        self.include_today = False

    async def answer(
        self,
        asked: Mapping[str, Parameters] | Mapping[MetricQuery, Parameters],
        body: Body,
        fields: Mapping[str | MetricQuery, Fields] = NO_FIELDS,
    ) -> Response:
        """Ask questions by their names, or metrics, at one moment. CSV and NDJSON hold the rows of the first.

        Of questions that `fields` names, the answer has those columns alone, under the names of the fields. `next` of
        the body is also sent as a header. An answer with contacts is recorded before it is given.

        Raises:
            Problem: the database shows this token no such site, or the token asks too much, or reads no contacts.
            Unrecorded: it reads contacts, and that cannot be recorded.
            psycopg.Error: as the server says.
        """
        version = self._reading.unchanged.version
        with self._reading.limits.one_of(self.token.token_id):
            asking = [(await self._reading.question(name, fields.get(name)), given) for name, given in asked.items()]
            if self.include_today:
                asking = [(question.with_today(), given) for question, given in asking]
            has_contacts = any(question.reads_contacts for question, _ in asking)
            if has_contacts and not self.request.state.known.reads_contacts:
                raise no_contacts()
            if has_contacts and self.form is not Format.JSON:
                raise bad_parameter("contacts", "only JSON holds contacts")
            about, found = await self._reading.read(self.token, asking, self.form, self.has)
        headers = headers_of(about)
        if about.is_steady:
            self._reading.unchanged.keep(asked_by(self.request.scope, self.token.token_id), version, headers)
        if not found:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        self._require_rows(found)
        known = {"publication": about.publication, "as_of": about.as_of, "is_final": about.is_final}
        made = body({"site": self.site} | known, found)
        if has_contacts:
            path = self.request.scope["route"].path_format.partition("{site}")[2]
            count = sum(
                len(rows.rows) for (question, _), rows in zip(asking, found, strict=True) if question.reads_contacts
            )
            await self._reading.contact_reads.record(self.token, self.site, path, count, asking[0][1].user or None)
        if following := made.get("next"):
            headers["Link"] = f'<{following}>; rel="next"'
        parts = self.form, made, found[0].columns, found[0].rows
        is_long = len(found[0].rows) > MOST_ROWS_AT_ONCE
        content = await asyncio.to_thread(written, *parts) if is_long else written(*parts)
        return Response(content, headers=headers, media_type=MEDIA_TYPES[self.form] + CHARSETS.get(self.form, ""))

    def _require_rows(self, found: Sequence[Rows]) -> None:
        most = self.most_rows
        if most is not None and any(len(rows.rows) > most for rows in found):
            takes = _parameters(self.request)
            raise too_many_rows(next((name for name in ("rows", "limit") if name in takes), "days"), most)

    def takes(self, question: str) -> frozenset[str]:
        """Return the parameters that a question takes."""
        return self._reading.questions[question].takes

    def after(self, given: Parameters, found: Rows) -> str | None:
        """Return the address of the page after this one; None at the end."""
        if found.total is None or given.page * given.rows >= found.total or given.page >= MOST_PAGES:
            return None
        return self.address(page=given.page + 1)

    def address(self, **changed: Any) -> str:
        """Return the path of this request as it was sent, with other parameters."""
        path = self.request.scope["raw_path"].decode("ascii")
        return f"{path}?{self.request.url.include_query_params(**changed).query}"


class ExchangeWithToday(Exchange):
    """The same, which may ask for the open day."""

    def __init__(
        self,
        request: Request,
        token: Annotated[Credential, Depends(_token)],
        site: Annotated[str, Path(description="The site.")],
        format: Annotated[Format | None, Query(description="Instead of the header Accept.")] = None,
        include_today: Annotated[
            bool, Query(description="With the open day, as it was built some minutes ago: unchecked, and not final.")
        ] = False,
    ) -> None:
        super().__init__(request, token, site, format)
        self.include_today = include_today


Asking = Annotated[Exchange, Depends()]
"""The parameter of a route that holds the request."""
AskingWithToday = Annotated[ExchangeWithToday, Depends()]
"""The same, of a route that answers with the open day."""


def _require_known(request: Request) -> None:
    """Refuse a parameter that the route does not describe, or that is given twice: no misspelt one is ignored.

    A route that describes `property.KEY` takes any name that begins with `property.`.
    """
    names = _parameters(request)
    beginnings = tuple(name.removesuffix("KEY") for name in names if name.endswith(".KEY"))
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name not in names and not name.startswith(beginnings):
            raise bad_parameter(name, f"there is no such parameter; there is {', '.join(sorted(names))}")
        if name in seen:
            raise bad_parameter(name, "it is given twice")
        seen.add(name)


def _parameters(request: Request) -> set[str]:
    """Return the names of the parameters that the route describes."""
    route = request.app.openapi()["paths"][request.scope["route"].path_format][request.method.lower()]
    return {each["name"] for each in route["parameters"] if each["in"] == "query"}


def headers_of(about: About) -> dict[str, str]:
    """Return the headers that say of which version an answer is, and how long it may be kept."""
    headers = {
        "Cache-Control": "private, no-cache" if about.etag else "private, no-store",
        "Vary": "Authorization, Accept",
        "Footfall-As-Of": about.as_of.isoformat(),
    }
    if about.publication is not None:
        headers["Footfall-Publication"] = str(about.publication)
    if about.is_final is not None:
        headers["Footfall-Final"] = str(about.is_final).lower()
    if about.etag:
        headers["ETag"] = about.etag
    return headers
