"""The routes of live streams."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from psycopg import AsyncConnection

from serving.api.described import streamed
from serving.api.exchange import Signed, SignedForAll
from serving.api.problem import Problem, unknown_site
from serving.live.picture import EVERY_SITE
from serving.live.stream import LiveStream
from serving.live.watches import Watches

router = APIRouter()

LastMark = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The last id that was read: the stream goes on after that event."),
]
_DESCRIPTION = (
    "Server-sent events. `now` holds the figures, as `/v1/sites/{site}/live` has them, and comes whenever they change;"
    " `happened` the events that came since, the oldest first; `silent` says that the database does not answer, and"
    " `end` why nothing more comes."
)
_SEEN = "select ops.sites_of_token(), ops.own_site_of_token()"


def add_streams(application: FastAPI) -> Watches:
    """Add live streams to the application, and return what all of them watch."""
    application.state.watches = watches = Watches(application.state.reading)
    application.include_router(router)
    return watches


@router.get(
    "/v1/sites/{site}/live/stream",
    response_class=Response,
    responses=streamed(),
    summary="What goes on now, as it changes.",
    description=_DESCRIPTION,
)
async def stream_of_site(
    request: Request, signed: Annotated[Signed, Depends()], last_mark: LastMark = None
) -> Response:
    """Stream one site."""
    sites, own = await signed.run(_sites)
    if signed.site not in sites:
        raise _one_user() if signed.site == own else unknown_site()
    return LiveStream(request.app.state.watches, signed.token, signed.site, last_mark)


@router.get(
    "/live/stream",
    response_class=Response,
    responses=streamed(),
    summary="The same of all sites that the token reads; each row says of which `site`.",
    description=_DESCRIPTION,
)
async def stream_of_all(
    request: Request, signed: Annotated[SignedForAll, Depends()], last_mark: LastMark = None
) -> Response:
    """Stream all sites of the token."""
    sites, _ = await signed.run(_sites)
    if not sites:
        raise _one_user()
    return LiveStream(request.app.state.watches, signed.token, EVERY_SITE, last_mark)


async def _sites(connection: AsyncConnection) -> tuple[list[str], str | None]:
    """Return the sites that the token sees whole, and the one of which it sees one user."""
    found = await (await connection.execute(_SEEN)).fetchone()
    assert found
    return found[0], found[1]


def _one_user() -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "this token reads the rows of one user; a live stream shows whole sites")
