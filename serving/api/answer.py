"""One question, asked as the role of a token: what is published, whether the client has it already, and the rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from footfall.answers.questions import (
    Parameters,
    contact_questions,
    days_asked_for,
    for_psycopg,
    questions,
    to_psycopg,
)
from footfall.pipeline.installation import Installation
from serving.api.problem import unknown_site


def _published(relation: str) -> str:
    sql, _ = to_psycopg(f"""
select
    publication_id,
    published_at,
    version,
    now(),
    ops.today_as_of(),
    (
        select bool_and(is_final) from marts.daily_stats
        where site_id = :site and {days_asked_for("event_date")}
    )
from {relation}
""")
    return sql


FOR_TOKENS = _published("ops.published_for_token(:site)")
"""What is published, of a site that the token sees."""
FOR_ANALYST = _published("""(
    select p.publication_id, p.published_at, concat_ws(' ', p.publication_id, p.published_at) as version
    from ops.sites
    left join lateral (select * from ops.publications order by publication_id desc limit 1) as p on true
    where site_id = :site
) as published""")
"""The same for the analyst, who sees every site."""

Fields = Mapping[str, str]
"""Column of a question → its name in an answer."""


@dataclass(frozen=True)
class Question:
    """A ready question, as psycopg takes it."""

    name: str
    asks: str
    sql: str
    takes: frozenset[str]
    sql_with_today: str | None = None
    """The same question, asked of the marts with the open day; None: it is not asked of them."""
    reads_contacts: bool = False
    """Whether it gives contacts of people. They come and go between publications."""
    fields: Fields | None = None
    """Its columns that an answer has, under their names there; None: all of them, as they are."""
    has_today: bool = False
    """Whether `sql` reads the open day."""

    def with_today(self) -> "Question":
        """Return the question as it is asked of the marts with the open day; the same one where it is not."""
        return replace(self, sql=self.sql_with_today, has_today=True) if self.sql_with_today else self

    @property
    def is_live(self) -> bool:
        """Whether it is about the last minutes."""
        return '"live".' in self.sql


@dataclass(frozen=True)
class About:
    """Of which version an answer is."""

    publication: int | None
    as_of: datetime
    is_final: bool | None
    """Whether no day of it will change; None: unknown."""
    etag: str | None
    """None: it is of the last minutes."""
    is_steady: bool = False
    """Whether it stays as it is until the database reports a change."""


@dataclass(frozen=True)
class Rows:
    """What one question found."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    total: int | None = None
    """How many there are on all pages, of a question that takes `page`."""

    def only(self, fields: Fields) -> "Rows":
        """Return these columns alone, in this order, under the names of their fields."""
        picked = [self.columns.index(column) for column in fields]
        return replace(self, columns=list(fields.values()), rows=[[row[each] for each in picked] for row in self.rows])

    def named(self) -> list[dict[str, Any]]:
        """Return each row by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


Asked = tuple[Question, Parameters]


def read_questions(installation: Installation) -> dict[str, Question]:
    """Read all questions, by name. dbt compiles them if that was not done since they were changed."""
    contacts = contact_questions()
    return {
        name: Question(
            name,
            asks,
            *for_psycopg(installation, name),
            for_psycopg(installation, name, include_today=True)[0],
            name in contacts,
        )
        for name, asks in (questions() | contacts).items()
    }


async def look(
    connection: AsyncConnection, asked: Sequence[Asked], form: StrEnum, published: str = FOR_TOKENS
) -> About:
    """Return what is known about the answers to questions about one site, within the transaction of a reader.

    With the open day, they are as of its last build, and never final.

    Raises:
        Problem: the database shows this reader no such site.
        psycopg.Error: as the server says.
    """
    first = msgspec.structs.asdict(asked[0][1])
    found = await (await connection.execute(published, first)).fetchone()
    if found is None:
        raise unknown_site()
    publication, published_at, version, now, today, is_final = found
    if any(question.is_live or question.reads_contacts for question, _ in asked):
        return About(publication, now, False, None)
    is_steady = True
    if any(given.interval != "all" for _, given in asked):
        is_steady = False
        version = f"{version} {now:%F %H:%M}"  # Rolling intervals begin with a minute.
    as_of = published_at
    if any(question.has_today for question, _ in asked):
        as_of, is_final, version, is_steady = today or published_at, False, f"{version} {today}", False
    etag = _etag(connection.info.user, version, is_final, asked, form)
    return About(publication, as_of or now, is_final, etag, is_steady)


async def ask(connection: AsyncConnection, question: Question, asked: Parameters) -> Rows:
    """Ask a question within the transaction of a token.

    A question that takes `page` has a column `total`. On an empty page beyond the end, the first row says it.

    Raises:
        psycopg.Error: as the server says.
    """
    cursor = await connection.execute(question.sql, _given(question, asked))
    found = Rows([column.name for column in cursor.description or ()], await cursor.fetchall())
    if "page" in question.takes:
        found = replace(found, total=await _total(connection, question, asked, found))
    return found.only(question.fields) if question.fields else found


async def _total(connection: AsyncConnection, question: Question, asked: Parameters, found: Rows) -> int | None:
    if found.rows:
        return found.rows[0][found.columns.index("total")]
    if asked.page == 1:
        return 0
    return (await ask(connection, question, msgspec.structs.replace(asked, page=1, rows=1))).total


def _given(question: Question, asked: Parameters) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(asked).items() if name in question.takes}


def _etag(role: str, version: str, is_final: bool | None, asked: Sequence[Asked], form: StrEnum) -> str:
    """Return a name for the answer: of what is published, who asks, what is asked and in which format."""
    given = [
        (question.sql, question.fields, given.site, sorted(_given(question, given).items()))
        for question, given in asked
    ]
    digest = hashlib.sha256(repr((role, version, is_final, given, form)).encode()).hexdigest()
    return f'"{digest[:32]}"'
