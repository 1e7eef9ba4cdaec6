"""The application: its routes, who may ask, and how answers are cached and shown to pages of other origins."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse
from psycopg import Error, OperationalError
from sqlalchemy import URL
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footfall.answers.metric_query import MetricCompiler
from footfall.answers.metricflow import metrics as metrics_described
from footfall.pipeline.installation import open_installation, published_marts, readers_manifest
from runtime.settings import Settings
from serving.api import problem
from serving.api.answer import read_questions
from serving.api.exchange import Reading
from serving.api.kept import KeptAnswers
from serving.api.page import render
from serving.api.routes import export, metrics, questions, search, widget
from serving.api.shop import communities, conversions, customers, live, pages, payments
from serving.api.unchanged import Unchanged, UnchangedAnswers
from serving.tokens.connections import Busy, Connections
from serving.tokens.contact_reads import ContactReads, Unrecorded
from serving.tokens.limits import Limits, TooMany
from serving.tokens.registry import Registry
from serving.tokens.state import State, Unreachable
from warehouse.postgres.database import database
from warehouse.postgres.roles import Role

ROUTERS = (
    widget.router,
    customers.router,
    live.router,
    payments.router,
    pages.router,
    conversions.router,
    communities.router,
    questions.router,
    search.router,
    metrics.router,
    export.router,
)
SWEEP_SECONDS = 5
SHOWN = ("ETag", "Link", "Retry-After", "Footfall-Publication", "Footfall-As-Of", "Footfall-Final")
"""Headers that scripts of pages may read."""
_DESCRIPTION = (
    "Reads what is published. Send a token of `footfall token add` as Authorization: Bearer. A token reads its sites,"
    " and the database alone decides which rows these are."
)


def make_application(settings: Settings) -> FastAPI:
    """Return the application of an installation. It reads the questions now, and connects when it is asked.

    Raises:
        BuildFailed: the questions cannot be compiled.
    """

    def administrator() -> URL:
        return database(settings).administrator

    def serving() -> URL:
        return database(settings).roles[Role.SERVING]

    with open_installation(settings) as installation:
        ready = read_questions(installation)
        marts = {mart.name: mart for mart in published_marts(installation)}
        described_metrics = metrics_described(installation)
        metrics_read = MetricCompiler(readers_manifest(installation).with_name("semantic_manifest.json"))
    state = State(serving)
    registry, connections = Registry(state), Connections(administrator)
    limits, reads = Limits(settings.serving_rate_per_token, registry.limits_of), ContactReads(serving)
    kept, unchanged = KeptAnswers(state), UnchangedAnswers(state)
    application = FastAPI(
        title="Footfall",
        version="1",
        description=_DESCRIPTION,
        lifespan=_closing(state, connections, kept),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    application.state.reading = Reading(ready, metrics_read, registry, connections, limits, reads, kept, unchanged)
    application.state.marts = marts
    application.state.described_metrics = described_metrics
    for refused in (problem.Problem, Error, Busy, TooMany, Unreachable, Unrecorded, Exception):
        application.add_exception_handler(refused, problem.refuse)
    application.add_exception_handler(HTTPException, _refuse_route)
    application.add_exception_handler(RequestValidationError, _refuse_parameter)
    application.add_middleware(Unchanged, registry=registry, limits=limits, answers=unchanged)
    application.add_middleware(_ForPages)
    for router in ROUTERS:
        application.include_router(router)
    application.get("/healthz", include_in_schema=False)(_healthz)
    application.get("/readyz", include_in_schema=False)(_readyz)
    application.get("/docs", include_in_schema=False)(_docs)
    return application


async def _healthz() -> Response:
    return PlainTextResponse("ok")


async def _readyz(request: Request) -> Response:
    """Answer 200 where the database answers, else 503."""
    await request.app.state.reading.registry.may_show("")
    return PlainTextResponse("ok")


async def _docs(request: Request) -> Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return HTMLResponse(render(request.app.openapi()), headers={"Content-Security-Policy": policy})


def _closing(state: State, connections: Connections, kept: KeptAnswers) -> Callable:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async def sweep() -> None:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                kept.drop_old()
                with suppress(OperationalError):
                    await connections.close_idle()

        sweeping = asyncio.create_task(sweep())
        yield
        sweeping.cancel()
        await state.close()
        await connections.close_idle(0)

    return lifespan


class _ForPages:
    """Let pages of the origins that a token names read its answers. Without an origin nothing is added.

    It passes on each message as it comes: an answer that breaks off must not be ended in good order.
    """

    def __init__(self, answer: ASGIApp) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._answer(scope, receive, send)
            return
        request = Request(scope)
        origin = request.headers.get("origin")
        if origin and request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            await (await _preflight(request, origin))(scope, receive, send)
            return

        async def send_for_pages(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                known = getattr(request.state, "known", None)
                if origin and known and origin in known.origins:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Expose-Headers"] = ", ".join(SHOWN)
                headers.append("Vary", "Origin")
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._answer(scope, receive, send_for_pages)


async def _preflight(request: Request, origin: str) -> Response:
    """Answer what a browser asks before it sends a token. The token itself is asked with the request."""
    try:
        is_known = await request.app.state.reading.registry.may_show(origin)
    except Unreachable as error:
        return problem.response(problem.of_error(error))
    headers = {"Vary": "Origin"}
    if is_known:
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET",
            "Access-Control-Allow-Headers": "Authorization, Accept, If-None-Match, Last-Event-ID",
            "Access-Control-Max-Age": "600",
        }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


async def _refuse_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return problem.response(problem.Problem(status, f"{status.phrase}; /docs shows what there is", error.headers))


async def _refuse_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return problem.response(problem.bad_parameter(str(first["loc"][-1]), first["msg"]))
