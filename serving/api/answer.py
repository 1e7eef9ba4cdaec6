"""One question, asked as the role of a token: what is published, whether the client has it already, and the rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from footfall.answers.questions import Parameters, for_psycopg, questions
from footfall.pipeline.installation import Installation
from serving.api.formats import Format
from serving.api.problem import unknown_site

_PUBLISHED = """
select
    publication_id,
    published_at,
    version,
    now(),
    (
        select bool_and(is_final) from marts.daily_stats
        where
            site_id = %(site)s
            and (
                %(days)s = 0
                or event_date > (select max(event_date) from marts.daily_stats where site_id = %(site)s) - %(days)s::int
            )
    )
from ops.published_for_token(%(site)s)
"""


@dataclass(frozen=True)
class Question:
    """A ready question, as psycopg takes it."""

    name: str
    asks: str
    sql: str
    takes: frozenset[str]

    @property
    def is_live(self) -> bool:
        """Whether it is about the last minutes."""
        return '"live".' in self.sql


@dataclass(frozen=True)
class Answer:
    """The rows, and of which version they are. Without columns: the client has them already."""

    publication: int | None
    as_of: datetime
    is_final: bool | None
    """Whether no day of it will change; None: unknown."""
    etag: str | None
    """None: it is of the last minutes."""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()


def read_questions(installation: Installation) -> dict[str, Question]:
    """Read all questions, by name. dbt compiles them if that was not done since they were changed."""
    return {name: Question(name, asks, *for_psycopg(installation, name)) for name, asks in questions().items()}


async def ask(
    connection: AsyncConnection, question: Question, asked: Parameters, form: Format, known: Sequence[str]
) -> Answer:
    """Ask the question within the transaction of a token. `known` are the ETags that the client has.

    Raises:
        Problem: the database shows this token no such site.
        psycopg.Error: as the server says.
    """
    values = msgspec.structs.asdict(asked)
    found = await (await connection.execute(_PUBLISHED, values)).fetchone()
    if found is None:
        raise unknown_site()
    publication, published_at, version, now, is_final = found
    if question.is_live:
        about = Answer(publication, now, False, None)
    else:
        etag = _etag(connection.info.user, version, is_final, question, values, form)
        about = Answer(publication, published_at or now, is_final, etag)
        if etag in known or "*" in known:
            return about
    cursor = await connection.execute(question.sql, {name: values[name] for name in question.takes})
    columns = [column.name for column in cursor.description or ()]
    return Answer(about.publication, about.as_of, about.is_final, about.etag, columns, await cursor.fetchall())


def _etag(role: str, version: str, is_final: bool | None, question: Question, values: dict, form: Format) -> str:
    """Return a name for the answer: of what is published, who asks, what is asked and in which format."""
    given = sorted((name, values[name]) for name in question.takes | {"site"})
    digest = hashlib.sha256(repr((role, version, is_final, question.sql, given, form)).encode()).hexdigest()
    return f'"{digest[:32]}"'
