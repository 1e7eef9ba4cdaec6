"""`python -m bench.bare PORT`: an ASGI app that reads the body and answers 202, served as the collector is."""

import sys

from ingestion.collector.http.request import Message, Receive, Send
from ingestion.collector.supervisor import listening
from ingestion.collector.worker import make_server

_CONTENT = b'{"accepted":1,"rejected":0,"errors":[]}'
_START: Message = {
    "type": "http.response.start",
    "status": 202,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_CONTENT)).encode())],
}
_BODY: Message = {"type": "http.response.body", "body": _CONTENT}


async def take(scope: Message, receive: Receive, send: Send) -> None:
    """Read all of the request, look at nothing, and say yes; live as long as the process does."""
    if scope["type"] == "lifespan":
        for life in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{life}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send(_BODY)


if __name__ == "__main__":
    with listening("127.0.0.1", int(sys.argv[1])) as listener:
        make_server(take).run(sockets=[listener])
