"""The server on loopback. It logs no request: an address may name a person, a header holds a token."""

import uvicorn

from runtime.settings import Settings
from serving.api.application import make_application
from serving.page.routes import add_page

LOOPBACK = "127.0.0.1"
MOST_REQUESTS = 256
"""Requests under way; further ones are answered 503."""


def run(settings: Settings, port: int) -> None:
    """Answer requests until the process is asked to stop."""
    application = make_application(settings)
    add_page(application, settings)
    uvicorn.run(
        application,
        host=LOOPBACK,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_REQUESTS,
        timeout_graceful_shutdown=10,
    )
