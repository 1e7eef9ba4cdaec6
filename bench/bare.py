"""`python -m bench.bare PORT`: an ASGI app that reads the body and answers 202, on uvicorn, uvloop and httptools."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from ingestion.collector.http.server import BACKLOG
from ingestion.collector.supervisor import listening

Message = MutableMapping[str, Any]
_CONTENT = b'{"accepted":1,"rejected":0,"errors":[]}'
_START: Message = {
    "type": "http.response.start",
    "status": 202,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_CONTENT)).encode())],
}
_BODY: Message = {"type": "http.response.body", "body": _CONTENT}


async def take(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Read all of the request, check nothing, and answer 202."""
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send(_BODY)


def main(port: int) -> None:
    """Serve until SIGTERM, with as little around the app as uvicorn allows."""
    config = uvicorn.Config(
        take,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
    )
    with listening("127.0.0.1", port) as listener:
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[1]))
