"""What the first reader would wait for, done when the server starts: paths, scripts, templates, charts' forms."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from fastapi import FastAPI

from serving.page import render, static
from serving.page.card import Answered, Card
from serving.page.filled import NARROW
from serving.page.navigation import PAGES
from serving.page.view import View
from serving.page.words import Kind

_DAY = date(2026, 11, 30)
_VALUES: Mapping[Kind, Any] = {
    Kind.DAY: _DAY,
    Kind.MOMENT: datetime(2026, 11, 30, tzinfo=UTC),
    Kind.TEXT: "–",
    Kind.OBJECT: {},
}


def prepare_paths(application: FastAPI) -> None:
    """Let FastAPI work out what each path takes. Else the first request that may be for one waits for it."""
    scope = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
    for route in application.routes:
        route.matches(scope)


def prepare_pages() -> None:
    """Prepare all pages, in the order in which they are listed. It takes a second or two."""
    render.prepare()
    for page in PAGES:
        for card in page.cards:
            chart = card.draw(_made_up(card)) if card.draw else None
            if chart:
                chart.svg(NARROW)
    static.file("vega.js")


def _made_up(card: Card) -> Answered:
    """Return one row with a value of its kind in each column."""
    row = defaultdict(lambda: 1, {column.name: _VALUES.get(column.kind, 1) for column in card.columns})
    return Answered([row], [row] if card.compares else [], View("", "", first=_DAY, last=_DAY))
