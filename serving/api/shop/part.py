"""Answers of several parts: each part the rows of one question, with the fields that its model names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel

from footfall.answers.questions import Parameters
from serving.api.answer import Fields, Rows
from serving.api.described import Answered
from serving.api.exchange import MOST_PAGES, Exchange
from serving.api.routes.period import Period

MOST_ROWS = 100

Page = Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which part of a long answer.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Largest number of rows in it.")]
Contacts = Annotated[bool, Query(description="Contacts and addresses too. The token must read them; it is recorded.")]


class Paged(Answered):
    """The same of a long answer, which comes page by page."""

    total: int
    """How many rows there are on all pages."""
    next: str | None
    """Where the next page is; null: this is the last."""


@dataclass(frozen=True)
class Part:
    """The rows of a question, and the field of the answer that holds them."""

    field: str
    question: str
    row: type[BaseModel]
    given: Parameters

    @property
    def fields(self) -> Fields:
        """The columns that are answered."""
        return {name: name for name in self.row.model_fields}


def asked(asking: Exchange, days: Period, page: int = 1, limit: int = MOST_ROWS, sort: str = "") -> Parameters:
    """Return the parameters of a question about some days of the site."""
    return days.parameters(asking.site, rows=limit, page=page, sort=sort)


def _nothing(_: Sequence[Rows]) -> dict[str, Any]:
    return {}


async def answer(
    asking: Exchange,
    *parts: Part,
    is_paged: bool = True,
    also: Callable[[Sequence[Rows]], dict[str, Any]] = _nothing,
) -> Response:
    """Answer these parts. The first has pages, or `is_paged` is false; in CSV and NDJSON it is the whole answer.

    `also` makes further fields of what the parts found, or refuses it.

    Raises:
        Problem: the database shows this token no such site, the token asks too much, or `also` refuses.
        psycopg.Error: as the server says.
    """

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        ends = {"total": found[0].total, "next": asking.after(parts[0].given, found[0])} if is_paged else {}
        lists = {part.field: rows.named() for part, rows in zip(parts, found, strict=True)}
        return about | ends | lists | also(found)

    return await asking.answer(
        {part.question: part.given for part in parts}, body, {part.question: part.fields for part in parts}
    )
