"""A mart's rows as a file: streamed as the role of a token, of one version, to readers that keep reading.

Rows are written by `footfall.answers.export`. Here it is decided how long a reader may take.
"""

import asyncio
import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

import anyio
import psycopg
from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.types import Receive, Scope, Send

from footfall.answers.export import ExportError, ExportFormat, exported, require_form, selection
from footfall.answers.questions import Parameters
from serving.api.answer import Question, look
from serving.api.described import exported as described
from serving.api.exchange import Signed, headers_of
from serving.api.formats import CHARSETS, EXPORTED
from serving.api.problem import Problem, bad_parameter, later, response, too_many_rows
from serving.api.routes.period import Day
from warehouse.postgres.roles import STATEMENT_MINUTES
from warehouse.tables.decisions import Mart

STALLED_SECONDS = 30
"""How long a reader may take no part of the answer."""
WHOLE_SECONDS = 60 * STATEMENT_MINUTES
"""How long an export may take: as long as a statement of any reader."""

SENT_BYTES = 64 * 1024
"""What is sent at once: a slow reader takes it in time."""
MOST_AT_ONCE = 8
"""Exports at once, of all tokens: the other connections are left to questions."""
BUSY_SECONDS = 10

_AT_ONCE = asyncio.Semaphore(MOST_AT_ONCE)
_log = logging.getLogger("serving")

router = APIRouter(prefix="/v1/sites/{site}")


@router.get(
    "/export/{mart}",
    response_class=Response,
    responses=described(),
    summary="The rows of a mart, streamed.",
    description="The rows of a mart, in no order, streamed as CSV, NDJSON or Parquet. Days are the site's own.",
)
async def export(
    signed: Annotated[Signed, Depends()],
    mart: Annotated[str, Path(description="The mart.")],
    first: Annotated[Day | None, Query(alias="from", description="The first day, where rows have one.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day; it is included.")] = None,
    for_spreadsheet: Annotated[bool, Query(description="CSV for people: formulas in texts are escaped.")] = False,
    format: Annotated[ExportFormat | None, Query(description="Instead of the header Accept.")] = None,
) -> Response:
    """Stream the rows of a mart."""
    form = signed.wanted(format, EXPORTED)
    marts: dict[str, Mart] = signed.request.app.state.marts
    if mart not in marts:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no such mart; there is {', '.join(marts)}")
    try:
        query = selection(marts[mart], signed.site, first, last)
        require_form(form, for_spreadsheet)
    except ExportError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    days = Parameters(site=signed.site, days=0, first=first, last=last)
    return _Streamed(signed, query, days, form, for_spreadsheet)


class _Streamed(Response):
    """An answer that reads while it is sent. Until its first part it may still be refused."""

    def __init__(self, signed: Signed, query: str, days: Parameters, form: ExportFormat, for_spreadsheet: bool) -> None:
        super().__init__()
        self._signed, self._query, self._days = signed, query, days
        self._form, self._for_spreadsheet = form, for_spreadsheet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def work(connection: psycopg.AsyncConnection) -> None:
            asked = Question("export", "", f"{self._query} {self._for_spreadsheet}", frozenset())
            about = await look(connection, [(asked, self._days)], self._form)
            headers = headers_of(about)
            if self._signed.has(about):
                await Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)(scope, receive, send)
                return
            if most := self._signed.most_rows:
                await _require_rows(connection, self._query, most)
            await connection.execute(f"set local statement_timeout = '{WHOLE_SECONDS}s'")
            is_whole = False
            try:
                parts = await anyio.to_thread.run_sync(
                    exported, connection.pgconn, self._query, self._form, self._for_spreadsheet
                )
                begun = await _next(parts)
                media_type = EXPORTED[self._form] + CHARSETS.get(self._form, "")
                start = Response(headers=headers, media_type=media_type)
                del start.headers["content-length"]
                await send({"type": "http.response.start", "status": 200, "headers": start.raw_headers})
                is_whole = await _send(begun, parts, receive, send)
            finally:
                if not is_whole:
                    await connection.close()  # The server may still be sending.

        if _AT_ONCE.locked():
            detail = f"{MOST_AT_ONCE} exports run already; try again"
            refused = response(later(detail, BUSY_SECONDS, HTTPStatus.TOO_MANY_REQUESTS))
            await refused(scope, receive, send)
            return
        async with _AT_ONCE:
            await self._signed.run(work)


async def _require_rows(connection: psycopg.AsyncConnection, query: str, most: int) -> None:
    """Require that there are no more rows than the token may read at once.

    Raises:
        Problem: there are.
    """
    counted = await connection.execute(f"select count(*) from ({query} limit {most + 1}) as r".encode())
    if (await counted.fetchone() or (0,))[0] > most:
        raise too_many_rows("from", most)


async def _send(part: bytes | None, parts: Iterator[bytes], receive: Receive, send: Send) -> bool:
    """Send the parts as fast as they are taken, and return whether all were.

    Else the answer has no end: its reader sees that it is incomplete.
    """
    is_whole, cause = False, "it takes too long"

    async def watch() -> None:
        nonlocal cause
        while (await receive())["type"] != "http.disconnect":
            pass
        cause = "its reader has left"
        sending.cancel_scope.cancel()

    with anyio.move_on_after(WHOLE_SECONDS):
        async with anyio.create_task_group() as sending:
            sending.start_soon(watch)
            try:
                while part is not None:
                    for begin in range(0, len(part), SENT_BYTES):
                        with anyio.fail_after(STALLED_SECONDS):
                            sent = part[begin : begin + SENT_BYTES]
                            await send({"type": "http.response.body", "body": sent, "more_body": True})
                    part = await _next(parts)
                await send({"type": "http.response.body", "body": b""})
                is_whole = True
            except TimeoutError:
                cause = f"its reader took nothing for {STALLED_SECONDS} seconds"
            except psycopg.Error as error:
                cause = f"of the server: {error}"
            sending.cancel_scope.cancel()
    if not is_whole:
        _log.warning("an export was cut off: %s", cause)
    return is_whole


async def _next(parts: Iterator[bytes]) -> bytes | None:
    """Wait for the next part in a thread; None after the last. A cancellation waits for the thread."""
    return await anyio.to_thread.run_sync(next, parts, None)
