"""How a request is refused: problem documents of RFC 9457, and which error becomes which. They quote no secret."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from psycopg import errors
from starlette.requests import Request
from starlette.responses import Response

from serving.tokens.connections import STATEMENT_SECONDS, Busy
from serving.tokens.contact_reads import Unrecorded
from serving.tokens.limits import TooMany
from serving.tokens.state import Unreachable

MEDIA_TYPE = "application/problem+json"
_REFUSED_LOGIN = re.compile(r"password authentication failed|does not exist|not permitted to log in")

_log = logging.getLogger("serving")


class Problem(Exception):
    """A request that is refused: the status, and what to do, in words for who asked."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **members}


def unauthorized() -> Problem:
    """Refuse a token that is missing, wrong, expired or revoked: which of these, is not said."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "send a valid token: Authorization: Bearer fft_…",
        {"WWW-Authenticate": "Bearer"},
    )


def unknown_site() -> Problem:
    """Refuse a site that does not exist, or that the token does not see: which of these, is not said."""
    return Problem(HTTPStatus.NOT_FOUND, "there is no such site, or this token may not read it")


def no_contacts() -> Problem:
    """Refuse contacts to a token that reads none."""
    return Problem(
        HTTPStatus.FORBIDDEN, "this token reads no contacts; `footfall token add --contacts` makes one that does"
    )


def bad_parameter(name: str, reason: str) -> Problem:
    """Refuse a parameter by its name."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {reason}", parameter=name)


def too_many_rows(name: str, most: int) -> Problem:
    """Refuse more rows than the token may read at once; the parameter asks for fewer."""
    return bad_parameter(name, f"there are more than {most} rows, and this token reads no more at once; ask for fewer")


def later(detail: str, seconds: int, status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE) -> Problem:
    """Ask for another try after so many seconds."""
    return Problem(status, detail, {"Retry-After": str(seconds)})


def too_slow() -> Problem:
    """Refuse what takes longer, or needs more room, than one request may."""
    return later(f"the answer takes more than {STATEMENT_SECONDS} seconds or the room there is; ask for fewer days", 60)


def of_error(error: Exception) -> Problem:
    """Return the problem of an error of the database or of a bug, and log what was not to be expected."""
    if isinstance(error, Busy):
        return later("too many questions at once; try again", 1)
    if isinstance(error, TooMany):
        return later(str(error), error.seconds, HTTPStatus.TOO_MANY_REQUESTS)
    if isinstance(error, Unrecorded):
        return later("this read of contacts cannot be recorded, so it is not answered; try again", 2)
    if isinstance(error, Unreachable):
        return later("the database does not answer; try again", 2)
    if isinstance(error, errors.QueryCanceled | errors.ConfigurationLimitExceeded):
        return too_slow()
    if isinstance(error, errors.UndefinedTable | errors.UndefinedFunction | errors.InvalidSchemaName):
        return later("a table of marts is missing; footfall up --detach makes it", 60)
    if isinstance(error, errors.InsufficientPrivilege):
        _log.warning("a token may not read: %s", error)
        return unauthorized()  # It was revoked a moment ago.
    if isinstance(error, psycopg.OperationalError):
        if _REFUSED_LOGIN.search(str(error)):
            return unauthorized()
        if "too many connections for role" in str(error):
            return later("too many questions of this token at once", 1, HTTPStatus.TOO_MANY_REQUESTS)
        return later("the database does not answer; try again", 2)
    _log.error("a request failed", exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a bug; the log of the server says more")


def response(problem: Problem) -> Response:
    """Return the answer to a refused request."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(msgspec.json.encode(problem.body), problem.status, headers, MEDIA_TYPE)


async def refuse(_: Request, error: Exception) -> Response:
    """Answer a request that raised this error."""
    return response(error if isinstance(error, Problem) else of_error(error))
