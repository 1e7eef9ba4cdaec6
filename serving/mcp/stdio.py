"""`footfall mcp`: the same over standard input and output, for an assistant that starts it as a process of its own."""

import asyncio
import logging
from contextlib import suppress

from mcp.server.stdio import stdio_server
from sqlalchemy import URL

from footfall.answers.metric_query import MetricCompiler
from footfall.pipeline.installation import open_installation, readers_manifest
from runtime.errors import FootfallError
from runtime.settings import Settings
from serving.api.answer import FOR_ANALYST, FOR_TOKENS, read_questions
from serving.api.exchange import Reading
from serving.api.kept import KeptAnswers
from serving.api.problem import later
from serving.api.unchanged import UnchangedAnswers
from serving.mcp.call import Call
from serving.mcp.reader import admit, analyst
from serving.mcp.server import Context, make_server
from serving.tokens.connections import IDLE_SECONDS, Connections
from serving.tokens.contact_reads import ContactReads
from serving.tokens.limits import Limits
from serving.tokens.registry import Registry
from serving.tokens.state import State
from warehouse.postgres.database import database
from warehouse.postgres.roles import Role

RETRY_SECONDS = 60
"""When to ask again where the questions cannot be compiled."""


def run(settings: Settings, token: str | None) -> None:
    """Answer until standard input ends: as this token, or as the analyst."""
    # What is logged may not get between the messages, and quotes what was asked.
    logging.getLogger("mcp").setLevel(logging.ERROR)
    asyncio.run(_serve(settings, token))


async def _serve(settings: Settings, token: str | None) -> None:
    # The handshake does not wait for it: after an update dbt compiles the questions first.
    ready = asyncio.create_task(asyncio.to_thread(_reading, settings, FOR_TOKENS if token else FOR_ANALYST))

    async def caller(_: Context) -> Call:
        try:
            reading = await asyncio.shield(ready)
        except FootfallError as error:
            raise later(str(error), RETRY_SECONDS) from None
        reader = await admit(reading.registry, token) if token else analyst(database(settings).roles[Role.ANALYST])
        return Call(reading, reader)

    async def sweep() -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            await (await asyncio.shield(ready)).connections.close_idle()

    server = make_server(caller)
    sweeping = asyncio.create_task(sweep())
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())
    sweeping.cancel()
    with suppress(FootfallError):
        await (await ready).connections.close_idle(0)


def _reading(settings: Settings, published: str) -> Reading:
    def administrator() -> URL:
        return database(settings).administrator

    def serving() -> URL:
        return database(settings).roles[Role.SERVING]

    with open_installation(settings) as installation:
        ready = read_questions(installation)
        compiler = MetricCompiler(readers_manifest(installation).with_name("semantic_manifest.json"))
    state = State(serving)
    registry = Registry(state)
    limits = Limits(settings.serving_rate_per_token, registry.limits_of)
    return Reading(
        ready,
        compiler,
        registry,
        Connections(administrator),
        limits,
        ContactReads(serving),
        KeptAnswers(state),
        UnchangedAnswers(state),
        published,
    )
