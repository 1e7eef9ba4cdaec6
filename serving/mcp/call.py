"""One call of a tool, and what every tool is: a name, a description, what it takes, and its answer."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from psycopg import AsyncConnection

from footfall.answers.formats import Format
from footfall.answers.questions import Parameters
from runtime.display import shown
from serving.api.answer import About, Question, look
from serving.api.exchange import Reading
from serving.api.problem import bad_parameter
from serving.mcp.reader import Reader

FORM: StrEnum = Format.JSON
MOST_DAYS = 36_500
MOST_ROWS = 1000
MOST_PAGES = 100_000
MOST_LETTERS = 20_000
"""Characters of one argument."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What the database takes in no text."""
_NOTHING = Question("about", "", "", frozenset())

Site = Annotated[str, msgspec.Meta(description="A site of list_sites.", max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)]
Days = Annotated[int, msgspec.Meta(ge=0, le=MOST_DAYS)]
FirstDay = Annotated[
    date | None, msgspec.Meta(description="Instead of days: not before this day of the site, 2026-11-30.")
]
LastDay = Annotated[date | None, msgspec.Meta(description="Not after this day.")]
Page = Annotated[int, msgspec.Meta(description="Which part of a long answer.", ge=1, le=MOST_PAGES)]


class Arguments(msgspec.Struct, forbid_unknown_fields=True):
    """What a tool takes. A name that it does not take is refused."""


@dataclass(frozen=True)
class Call:
    """Who calls, and what answering takes."""

    reading: Reading
    reader: Reader

    async def about(self, connection: AsyncConnection, site: str) -> About:
        """Return what is published of a site, within a transaction of the reader.

        Raises:
            Problem: the database shows this reader no such site.
        """
        return await look(connection, [(_NOTHING, Parameters(site=site))], FORM, self.reading.published)

    async def sites(self, connection: AsyncConnection) -> list[str]:
        """Return the sites that the reader sees, within a transaction of the reader."""
        found = await connection.execute(_SITES_SEEN if self.reader.token else _SITES)
        return [site for (site,) in await found.fetchall()]

    async def record(self, site: str, tool: str, row_count: int, user: str | None = None) -> None:
        """Record that the token is about to be given contacts.

        Raises:
            Unrecorded: that cannot be recorded; no contact may be given.
        """
        assert self.reader.token
        await self.reading.contact_reads.record(self.reader.token, site, f"/mcp {tool}", row_count, user)


@dataclass(frozen=True)
class Tool:
    """A tool. Its description holds no data."""

    name: str
    title: str
    description: str
    takes: type[Arguments]
    answer: Callable[[Call, Any], Awaitable[dict[str, Any]]]

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what it takes."""
        _, parts = msgspec.json.schema_components([self.takes])
        schema = parts[self.takes.__name__]
        return {name: value for name, value in schema.items() if name not in ("title", "description")}

    def read(self, given: dict[str, Any]) -> Arguments:
        """Return the arguments of a call. A number may come as text.

        Raises:
            Problem: one of them does not fit.
        """
        try:
            read = msgspec.convert(given, self.takes, strict=False)
        except msgspec.ValidationError as error:
            reason, _, where = shown(str(error)).partition(" - at `$.")
            raise bad_parameter(where.rstrip("`") or "arguments", reason) from None
        for name, value in msgspec.structs.asdict(read).items():
            if isinstance(value, str) and _NO_TEXT.search(value):
                raise bad_parameter(name, "there is no such text")
        return read


def about_site(site: str, about: About) -> dict[str, Any]:
    """Return what an answer says of itself: of which site, and of which version."""
    return {
        "site": site,
        "publication": about.publication,
        "as_of": about.as_of.isoformat(),
        "is_final": about.is_final,
    }


_SITES = "select site_id from ops.sites order by 1"
_SITES_SEEN = """
select site_id from unnest(ops.sites_of_token() || ops.own_site_of_token()) as site_id
where site_id is not null order by 1
"""
