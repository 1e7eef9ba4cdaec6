"""Assistants: clients of the SDK, over HTTP and over standard input and output."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from footfall.pipeline.installation import Installation


@asynccontextmanager
async def over_http(url: str, token: str, mode: str = "auto") -> AsyncIterator[Client]:
    """A client of `/mcp` with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as sender,
        Client(streamable_http_client(f"{url}/mcp", http_client=sender), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(
    installation: Installation, *arguments: str, mode: str = "auto", **environment: str
) -> AsyncIterator[Client]:
    """A client that has started `footfall mcp`."""
    url = installation.database.administrator.render_as_string(hide_password=False)
    given = {"FOOTFALL_HOME": str(installation.settings.home), "FOOTFALL_DATABASE_URL": url}
    program = StdioServerParameters(
        command=sys.executable, args=["-m", "footfall", "mcp", *arguments], env=dict(os.environ) | given | environment
    )
    async with Client(program, mode=mode) as client:
        yield client
