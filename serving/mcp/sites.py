"""The sites that a reader may read, and what is published of them."""

from typing import Any

from psycopg import AsyncConnection

from serving.mcp.call import Arguments, Call, Tool


class Sites(Arguments):
    """Nothing."""


async def _sites(call: Call, _: Sites) -> dict[str, Any]:
    async def work(connection: AsyncConnection) -> dict[str, Any]:
        sites = await call.sites(connection)
        if not sites:
            return {"sites": [], "publication": None, "as_of": None}
        about = await call.about(connection, sites[0])
        return {"sites": sites, "publication": about.publication, "as_of": about.as_of.isoformat()}

    return await call.reading.connections.run(call.reader.login, work)


LIST = Tool(
    "list_sites",
    "List sites",
    "List the sites that can be read, with the number of the last publication and its moment. Begin here.",
    Sites,
    _sites,
)
