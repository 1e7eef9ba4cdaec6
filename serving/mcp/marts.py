"""What the marts and live views hold: grain, columns, units and what null means, as far as the reader may read them.

The texts are those of the contracts. They stand in the database as comments, beside what the reader may read there.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from psycopg import AsyncConnection

from footfall.answers.near import did_you_mean
from runtime.display import shown
from serving.api.problem import Problem
from serving.mcp.call import Arguments, Call, Tool
from serving.mcp.content import plain


class DescribeMarts(Arguments):
    """Which one to describe."""

    mart: Annotated[
        str, msgspec.Meta(description="Its name, such as sessions or live.areas. Without it, all are listed.")
    ] = ""


async def listed(call: Call) -> dict[str, str]:
    """List what the reader may read.

    Returns:
        `schema.name` → description.
    """

    async def work(connection: AsyncConnection) -> dict[str, str]:
        found = await (await connection.execute(_RELATIONS)).fetchall()
        return {shown(name): shown(description or "") for name, description in found}

    return await call.reading.connections.run(call.reader.login, work)


async def described(call: Call, mart: str) -> dict[str, Any]:
    """Describe a relation and its columns. A name without a schema is that of a mart.

    Raises:
        Problem: the reader may read no such relation.
    """

    async def work(connection: AsyncConnection) -> list[tuple[Any, ...]]:
        return await (await connection.execute(_COLUMNS, {"name": name})).fetchall()

    known = await listed(call)
    name = mart if "." in mart else f"marts.{mart}"
    if name not in known:
        names = [each.removeprefix("marts.") for each in known]
        raise Problem(HTTPStatus.NOT_FOUND, did_you_mean("mart", mart, names, "describe_marts"))
    rows = await call.reading.connections.run(call.reader.login, work)
    return {
        "name": name,
        "description": known[name],
        "columns": ["column", "type", "may_be_null", "is_in_key", "description"],
        "rows": [plain(row) for row in rows],
    }


async def _describe(call: Call, given: DescribeMarts) -> dict[str, Any]:
    if given.mart:
        return await described(call, given.mart)
    return {"columns": ["name", "description"], "rows": [list(each) for each in (await listed(call)).items()]}


DESCRIBE = Tool(
    "describe_marts",
    "Describe marts",
    "List the tables and views that can be read by SQL, each with its grain; with `mart`, its columns with types, units"
    " and what null means. may_be_null is null for views.",
    DescribeMarts,
    _describe,
)

_RELATIONS = """
select n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname in ('marts', 'live')
    and c.relkind in ('r', 'p', 'v')
    and not c.relispartition
    and has_table_privilege(c.oid, 'select')
order by 1
"""
_COLUMNS = """
select
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    case when c.relkind <> 'v' then not a.attnotnull end,
    a.attnum = any(coalesce(i.indkey, ''::int2vector)),
    col_description(c.oid, a.attnum)
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
left join pg_index as i on c.oid = i.indrelid and i.indisprimary
where c.oid = to_regclass(%(name)s)
order by a.attnum
"""
