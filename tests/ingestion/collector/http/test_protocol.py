import asyncio

from tests.support.canary import canary


def test_uvicorn_still_has_the_protocol_that_is_given_limits():
    with canary("uvicorn", "ingestion/collector/http/protocol.py"):
        from uvicorn import Config
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
        from uvicorn.server import ServerState

        from ingestion.collector.http.protocol import LimitedProtocol

        for name in ("connection_made", "connection_lost", "data_received", "on_message_begin", "on_headers_complete"):
            assert callable(getattr(HttpToolsProtocol, name, None)), f"HttpToolsProtocol has no {name}"

        async def limited():
            protocol = LimitedProtocol(Config(lambda: None), ServerState(), {})
            assert protocol.loop is asyncio.get_running_loop(), "its loop is not where it was"
            assert hasattr(protocol, "transport"), "it has no transport"
            assert protocol.parser, "it has no parser that calls on_message_begin"

        asyncio.run(limited())
