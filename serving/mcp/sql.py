"""SQL of the reader's own: one query in a read-only transaction, logged in as the reader's own role, within limits.

Which rows it sees, the database decides. The query stands within another one that is sent as a single statement, so
that nothing but a query can be sent; what it may have changed in its session ends with the session.
"""

import asyncio
import json
import re
from decimal import Decimal
from itertools import takewhile
from typing import Annotated, Any

import msgspec
import psycopg
from psycopg import AsyncConnection

from serving.api.problem import Problem, bad_parameter, too_slow
from serving.mcp.call import MOST_LETTERS, MOST_ROWS, Arguments, Call, Tool
from serving.mcp.content import MOST_BYTES, table
from serving.tokens.connections import STATEMENT_SECONDS

_REFUSED = re.compile(r"set_config|\w*_to_xml\w*|ts_stat|u&\"", re.IGNORECASE)
"""What changes the session, runs a text as a query, or spells such a name otherwise. It is refused by name, so that who
asks hears of it: rows are guarded by the role alone."""
_OF_THE_QUERY = "54"
"""Class of errors that are operational for psycopg, but come from the query: it is too complex."""


class RunSql(Arguments):
    """A query."""

    sql: Annotated[
        str,
        msgspec.Meta(
            description="One SELECT of PostgreSQL on marts.* and live.*; each column with a name of its own.",
            min_length=1,
            max_length=MOST_LETTERS,
        ),
    ]
    rows: Annotated[int, msgspec.Meta(description="Largest number of rows.", ge=1, le=MOST_ROWS)] = 100


async def _run(call: Call, given: RunSql) -> dict[str, Any]:
    if found := _REFUSED.search(given.sql):
        raise bad_parameter("sql", f"{found[0]} cannot be used here")

    sites: list[str] = []

    async def work(connection: AsyncConnection) -> dict[str, Any]:
        sites[:] = await call.sites(connection)
        if not sites:
            return {"sites": [], "columns": [], "rows": []}
        about = await call.about(connection, sites[0])
        try:
            answer = await _answer(connection, given)
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError) and not (error.sqlstate or "").startswith(_OF_THE_QUERY):
                raise
            raise bad_parameter("sql", ". ".join(filter(None, (_message(error), error.diag.message_hint)))) from None
        return {"sites": sites, "publication": about.publication, "as_of": about.as_of.isoformat()} | answer

    try:
        async with asyncio.timeout(STATEMENT_SECONDS):
            answer = await call.reading.connections.run(call.reader.login, work, keep=False)
    except TimeoutError:
        raise too_slow() from None
    except Problem:
        await _record(call, sites, 1)  # What the server says of an error may quote a value.
        raise
    await _record(call, sites, len(answer["rows"]))
    return answer


async def _record(call: Call, sites: list[str], row_count: int) -> None:
    """Record that a reader of contacts is about to be given some: nothing here knows which relations a query reads."""
    if call.reader.reads_contacts:
        for site in sites:
            await call.record(site, "run_sql", row_count)


async def _answer(connection: AsyncConnection, given: RunSql) -> dict[str, Any]:
    query = given.sql.rstrip().rstrip(";")
    # With results in binary a statement is sent alone: PostgreSQL refuses a second one.
    described = await connection.execute(f"select * from (\n{query}\n) as answer limit 0", binary=True)
    columns = [column.name for column in described.description or ()]
    if len({*columns}) < len(columns):
        raise bad_parameter("sql", "give each column a name of its own, with `as`")
    bounded = _BOUNDED.format(query=query, rows=given.rows + 1, bytes=4 * MOST_BYTES)
    found = [part for (part,) in await (await connection.execute(bounded, binary=True)).fetchall()]
    read = [json.loads(part, parse_float=Decimal) for part in takewhile(bool, found[: given.rows])]
    part, is_whole = table(columns, ([row[column] for column in columns] for row in read))
    count = len(part["rows"])
    if not is_whole or len(read) < min(len(found), given.rows):
        return part | {"more": f"only {count} rows fit into one answer: choose fewer columns, or add offset {count}"}
    if len(found) > given.rows:
        return part | {"more": f"there are more than {count} rows: raise `rows`, or add offset {count}"}
    return part


def _message(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)


RUN = Tool(
    "run_sql",
    "Run SQL",
    "Answer one SELECT on the tables and views of describe_marts, read-only, in at most 30 seconds. It sees the rows of"
    " all sites in `sites`: name site_id in it. Order rows, and group in the query rather than reading many of them."
    " Sums of distinct counts over days are wrong: query_metrics has them right.",
    RunSql,
    _run,
)

_BOUNDED = """
select case when sum(octet_length(part)) over (rows unbounded preceding) <= {bytes} then part end
from (
select row_to_json(answer.*)::text as part from (
{query}
) as answer limit {rows}
) as parts
"""
"""The rows as JSON, texts that are too long for an answer left out: no row can fill the memory of this process."""
