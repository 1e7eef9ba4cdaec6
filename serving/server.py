"""The server on loopback. It logs no request: an address may name a person, a header holds a token."""

import socket
from contextlib import suppress
from threading import Thread

import uvicorn

from runtime.settings import Settings
from serving.api.application import make_application
from serving.first_reader import prepare_pages, prepare_paths
from serving.live.routes import add_streams
from serving.live.watches import MOST_STREAMS, Watches
from serving.mcp.http import add_assistants
from serving.monitoring.routes import add_monitoring
from serving.page.routes import add_page

LOOPBACK = "127.0.0.1"
MOST_REQUESTS = 256
"""Requests under way beside live streams; further ones are answered 503."""
STALLED_SECONDS = 60
"""After how long the machine ends a connection whose reader takes nothing, so that none lingers."""
UNREAD_BYTES = 256 * 1024
"""What the machine keeps of a connection's answer that is not read yet."""


class _Server(uvicorn.Server):
    """Ends live streams first: the others would wait for them."""

    def __init__(self, config: uvicorn.Config, watches: Watches) -> None:
        super().__init__(config)
        self._watches = watches

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._watches.close()
        await super().shutdown(sockets)


def run(settings: Settings, port: int) -> None:
    """Answer requests until the process is asked to stop."""
    application = make_application(settings)
    add_assistants(application)
    watches = add_streams(application)
    add_page(application, settings)
    add_monitoring(application, settings)
    prepare_paths(application)
    Thread(target=prepare_pages, daemon=True).start()
    config = uvicorn.Config(
        application,
        host=LOOPBACK,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_REQUESTS + MOST_STREAMS,
        timeout_graceful_shutdown=10,
    )
    with config.bind_socket() as listener:
        # Connections have what their listener has.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        if user_timeout := getattr(socket, "TCP_USER_TIMEOUT", None):
            listener.setsockopt(socket.IPPROTO_TCP, user_timeout, STALLED_SECONDS * 1000)
        with suppress(KeyboardInterrupt):
            _Server(config, watches).run(sockets=[listener])
