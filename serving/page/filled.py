"""A page with its figures: asked as the role of a token, all at one moment, and made ready for a template."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from psycopg import AsyncConnection

from footfall.answers import formats
from footfall.answers.formats import Format
from footfall.answers.questions import Parameters
from serving.api.answer import About, Asked, Question, Rows, ask, look
from serving.api.exchange import Reading
from serving.api.problem import too_slow, unknown_site
from serving.charts.chart import Chart
from serving.page.card import Answered, Card, Column, Page, Row, Tile
from serving.page.view import View
from serving.page.words import change, written
from serving.tokens.connections import STATEMENT_SECONDS
from warehouse.access.credential import Credential

NARROW, WIDE = 460, 940
"""Widths of the drawings that the server makes, in pixels. A browser with scripts draws them as wide as they stand."""


@dataclass(frozen=True)
class FilledTile:
    """A tile with its figure."""

    tile: Tile
    value: str
    change: str
    tone: str
    """good, bad, or nothing: what the change means."""


@dataclass(frozen=True)
class FilledCard:
    """A card with its rows."""

    card: Card
    rows: Sequence[Row]
    """With `link`, the address that a click leads to; None: nowhere."""
    total: int | None
    chart: Chart | None
    svg: str
    download: str
    ignored: Sequence[str]
    """Filters of the address that its question does not take."""
    answered: Answered
    zone: str

    def csv(self) -> bytes:
        """Return its rows as CSV, as the API gives them."""
        columns = [name for name in self.rows[0] if name != "link"] if self.rows else []
        return formats.written(Format.CSV, {}, columns, [[row[name] for name in columns] for row in self.rows])

    def cell(self, row: Row, column: Column) -> str:
        """Return a value of the table as text."""
        return written(row[column.name], column.kind, self.zone)


@dataclass(frozen=True)
class Filled:
    """A page with all that stands on it."""

    page: Page
    view: View
    about: About
    site: Row
    tiles: Sequence[FilledTile]
    cards: Sequence[FilledCard]

    @property
    def stacks(self) -> list[list[FilledCard]]:
        """Its cards as they stand: those of one list below each other."""
        stacks: list[list[FilledCard]] = []
        for each in self.cards:
            if each.card.is_below:
                stacks[-1].append(each)
            else:
                stacks.append([each])
        return stacks

    @property
    def lines(self) -> list[list[list[FilledCard]]]:
        """Its stacks as they stand beside each other: a wide one alone."""
        return [
            list(line) for _, line in groupby(self.stacks, lambda stack: stack[0].card.is_wide and stack[0].card.name)
        ]

    @property
    def by_name(self) -> Mapping[str, FilledCard]:
        """Its cards by their names, for a template that lays them out itself."""
        return {each.card.name: each for each in self.cards}


@dataclass(frozen=True)
class _Found:
    """What the questions of one page found."""

    view: View
    site: Row
    about: About
    rows: Mapping[Asked, Rows]


async def sites_of(reading: Reading, token: Credential) -> list[Row]:
    """Return the sites that a token sees, each with its published days."""

    async def work(connection: AsyncConnection) -> list[Row]:
        return (await ask(connection, reading.questions["sites"], Parameters())).named()

    with reading.limits.one_of(token.token_id):
        return await reading.connections.run(token, work)


async def fill(reading: Reading, token: Credential, page: Page, wanted: View) -> Filled:
    """Ask what a page asks, and return it with its figures.

    Raises:
        Problem: there is no such site, or the token may not read it, or the answer takes too long.
        TooMany, Busy, psycopg.Error: the request is refused with these.
    """

    async def work(connection: AsyncConnection) -> _Found:
        sites = (await ask(connection, reading.questions["sites"], Parameters(site=wanted.site))).named()
        if not sites:
            raise unknown_site()
        [site] = sites
        view = wanted.resolved(site["first_day"], site["last_day"])
        asked = _asked(reading.questions, page, view)
        about = await look(connection, asked or [(reading.questions["sites"], Parameters(site=view.site))], Format.JSON)
        return _Found(view, site, about, {each: await ask(connection, *each) for each in asked})

    with reading.limits.one_of(token.token_id):
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                found = await reading.connections.run(token, work)
        except TimeoutError:
            raise too_slow() from None
    return await asyncio.to_thread(_filled, reading.questions, page, found)


def _asked(questions: Mapping[str, Question], page: Page, view: View) -> list[Asked]:
    """Return all that a page asks, each once."""
    asked = [_of_tiles(questions, page, each) for each in (view, view.before())] if page.tiles else []
    for card in _cards(page, view):
        asked.append(_of_card(questions, card, view))
        if card.compares:
            asked.append(_of_card(questions, card, view.before()))
    return list(dict.fromkeys(asked))


def _cards(page: Page, view: View) -> list[Card]:
    """Return the cards that are there by what the address says."""
    return [
        card
        for card in page.cards
        if (not card.needs or card.needs in view.others) and (not card.unless or card.unless not in view.others)
    ]


def _of_tiles(questions: Mapping[str, Question], page: Page, view: View) -> Asked:
    question = questions[page.tiles_of]
    return question, view.parameters(question.takes, {})


def _of_card(questions: Mapping[str, Question], card: Card, view: View) -> Asked:
    question = questions[card.question]
    return question, view.parameters(question.takes, _given(card, question, view))


def _given(card: Card, question: Question, view: View) -> dict[str, Any]:
    """Return what a card asks beside days and filters; what the address says of it goes first."""
    of_address = {name: value for name, value in view.others.items() if name in question.takes}
    return {**card.given, **of_address}


def _filled(questions: Mapping[str, Question], page: Page, found: _Found) -> Filled:
    tiles: list[FilledTile] = []
    if page.tiles:
        now, before = (found.rows[_of_tiles(questions, page, each)] for each in (found.view, found.view.before()))
        tiles = [_tile(tile, _only(now), _only(before), found.view) for tile in page.tiles]
    cards = [_card(questions, card, found) for card in _cards(page, found.view)]
    return Filled(page, found.view, found.about, found.site, tiles, cards)


def _only(rows: Rows) -> Row:
    return rows.named()[0] if rows.rows else {}


def _tile(tile: Tile, now: Row, before: Row, view: View) -> FilledTile:
    name, kind = tile.column.name, tile.column.kind
    value, earlier = now.get(name), before.get(name)
    tone = ""
    if tile.more_is and value is not None and earlier is not None and value != earlier:
        tone = "good" if (value > earlier) == (tile.more_is == "good") else "bad"
    return FilledTile(tile, written(value, kind), change(value, earlier, kind, view.number), tone)


def _card(questions: Mapping[str, Question], card: Card, found: _Found) -> FilledCard:
    question = questions[card.question]
    answered = found.rows[_of_card(questions, card, found.view)]
    rows = [{**row, "link": _link(card, row, found.view)} for row in answered.named()]
    earlier = found.rows[_of_card(questions, card, found.view.before())].named() if card.compares else []
    drawn = Answered(rows, earlier, found.view)
    chart = card.draw(drawn) if card.draw and rows else None
    if card.draw and chart is None:
        rows = []
    given = _given(card, question, found.view)
    base = found.view.base
    download = f"{base}/{card.name}.csv" if base else found.view.api(card.question, question.takes, given)
    ignored = [name for name in found.view.filters if name not in question.takes]
    svg = chart.svg(WIDE if card.is_wide else NARROW) if chart else ""
    return FilledCard(card, rows, answered.total, chart, svg, download, ignored, drawn, found.site["timezone"])


def _link(card: Card, row: Row, view: View) -> str | None:
    """Return the address that filters by a row, or without the filter where it stands already."""
    for column in card.columns:
        value = row[column.name]
        if not column.filters or value is None:
            continue
        if column.filters == "day":
            return view.address(first=value, last=value)
        is_set = not column.leads_to and view.written.get(column.filters) == value
        return view.address(column.leads_to, **{column.filters: None if is_set else value})
    return None
