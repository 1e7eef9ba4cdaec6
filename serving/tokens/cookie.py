"""The cookie in which a browser keeps a token. No script reads it, and no page of another site sends it."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "footfall"
_SECONDS = 30 * 24 * 3600


def kept(request: HTTPConnection) -> str:
    """Return the token in the cookie; empty without one."""
    return request.cookies.get(COOKIE, "")


def keep(response: Response, request: HTTPConnection, token: str) -> None:
    """Let the browser keep a token. Where a proxy in front speaks TLS, it is sent over TLS alone."""
    response.set_cookie(COOKIE, token, max_age=_SECONDS, secure=_is_secure(request), httponly=True, samesite="strict")


def forget(response: Response, request: HTTPConnection) -> None:
    """Let the browser keep none."""
    response.delete_cookie(COOKIE, secure=_is_secure(request), httponly=True, samesite="strict")


def _is_secure(request: HTTPConnection) -> bool:
    """Whether TLS is in front. Who sends this header falsely gets a cookie that is not sent back, and no more."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))
