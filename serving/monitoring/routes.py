"""`GET /metrics`: the page of monitoring, for who holds its token. It names sites, and no one who visits them."""

import asyncio
import hmac
import time
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from runtime.secrets import read_or_create
from runtime.settings import Settings
from serving.api.problem import Problem
from serving.monitoring.figures import read
from serving.monitoring.names import page

KEPT_SECONDS = 5.0
"""However often it is asked for, the figures are read once in so long."""
_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def add_monitoring(application: FastAPI, settings: Settings) -> None:
    """Add the page. Its token lies in a file of the home; a Prometheus elsewhere takes a copy."""
    token = read_or_create(settings.monitoring_token)
    reading = asyncio.Lock()
    kept: tuple[float, str] = (-KEPT_SECONDS, "")

    async def metrics(request: Request) -> Response:
        nonlocal kept
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                f"send the token in secrets/{settings.monitoring_token.name} of the home: Authorization: Bearer …",
                {"WWW-Authenticate": "Bearer"},
            )
        async with reading:
            if kept[0] + KEPT_SECONDS <= time.monotonic():
                written = await asyncio.to_thread(lambda: page(read(settings)))
                kept = time.monotonic(), written
        return PlainTextResponse(kept[1], media_type=_MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    application.get("/metrics", include_in_schema=False)(metrics)
