"""`/mcp` on the API's port: streamable HTTP without sessions. Each request brings its token, and stands for itself."""

from http import HTTPStatus

from fastapi import FastAPI
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from serving.api.exchange import Reading
from serving.api.problem import Problem
from serving.mcp.call import Call
from serving.mcp.reader import admit
from serving.mcp.server import Context, make_server

PATH = "/mcp"
MOST_BYTES = 256 * 1024
"""Of a request."""
_LOOPBACK = ("127.0.0.1:*", "localhost:*", "[::1]:*")
_SECURITY = TransportSecuritySettings(
    allowed_hosts=[*_LOOPBACK, *(host.removesuffix(":*") for host in _LOOPBACK)],
    allowed_origins=[f"http://{host}" for host in _LOOPBACK],
)
"""A name of another host that leads here, and a page of another origin, are refused: DNS rebinding."""


def add_assistants(application: FastAPI) -> None:
    """Let the application answer assistants."""
    application.router.routes.append(Route(PATH, _Endpoint(application.state.reading), methods=["POST"]))


class _Endpoint:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._server = make_server(_caller)
        self._security = TransportSecurityMiddleware(_SECURITY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if refused := await self._security.validate_request(request, is_post=True):
            raise Problem(HTTPStatus(refused.status_code), bytes(refused.body).decode())
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        reader = await admit(self._reading.registry, token.strip() if scheme.lower() == "bearer" else "")
        request.state.call = Call(self._reading, reader)
        # A manager runs once, and one for each request needs no session, and no task that outlives it.
        manager = StreamableHTTPSessionManager(
            self._server, json_response=True, stateless=True, max_request_body_size=MOST_BYTES
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


async def _caller(context: Context) -> Call:
    assert context.request
    call: Call = context.request.state.call
    return call
