"""What stands on a page: cards, each an answer to a ready question, and tiles with one figure each. Data, no work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serving.charts.chart import Chart
from serving.page.view import View
from serving.page.words import Kind

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a question, as a page shows it."""

    name: str
    heading: str
    kind: Kind = Kind.NUMBER
    means: str = ""
    """Whose description is its definition: `mart.column`, or the name of a metric."""
    filters: str = ""
    """The parameter of the address that a click on one of its values sets."""
    leads_to: str = ""
    """The page of that address; empty: this one."""


@dataclass(frozen=True)
class Answered:
    """What a card draws: its rows, those of the days before if it compares, and the view."""

    rows: Sequence[Row]
    before: Sequence[Row]
    view: View


Draw = Callable[[Answered], Chart | None]
"""Draws rows; None where they hold nothing to draw, and the card is empty."""


@dataclass(frozen=True)
class Card:
    """An answer to a question: a chart, its rows as a table, and its definition."""

    name: str
    """Its part of the page: `#channels`."""
    title: str
    question: str
    columns: Sequence[Column]
    draw: Draw | None = None
    """None: its table is all there is, and stands open."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the question beside site, days and filters."""
    compares: bool = False
    """Whether it also asks for as many days before."""
    needs: str = ""
    """The parameter of the address without which it is not there; empty: it always is."""
    unless: str = ""
    """The parameter with which it is not there."""
    is_wide: bool = False
    is_below: bool = False
    """Whether it stands below the card before it, in the same column."""
    empty: str = "No sessions on these days. Choose other days, or take a filter away."
    """What to do where there are no rows."""
    note: str = ""
    """What a reader must know of it beside the definitions of its columns."""


@dataclass(frozen=True)
class Tile:
    """One figure of the page's first question, beside that of the days before."""

    column: Column
    more_is: str = "good"
    """What it means that there is more of it: good, bad, or nothing."""


@dataclass(frozen=True)
class Page:
    """A page of a site."""

    name: str
    title: str
    about: str
    """What it answers, in a sentence."""
    cards: Sequence[Card] = ()
    tiles: Sequence[Tile] = ()
    tiles_of: str = "summary"
    """The question whose one row holds the figures of the tiles."""
    takes: frozenset[str] = frozenset()
    """Parameters of its address beside days and filters. Of a question that takes one of this name, it is one."""
    sorts: Mapping[str, str] = field(default_factory=dict)
    """Orders that can be chosen: the parameter `sort` → what it is called. The first is that of the page."""
    has_days: bool = True
    """Whether days can be chosen."""
    template: str = "page.html"


def bars_of(names: str, value: str, heading: str, value_heading: str, percent: str = "") -> Draw:
    """Return how to draw bars of rows by the columns with names, `first_source first_medium`, and with values."""
    from serving.charts.bars import bars
    from serving.page.words import NONE, number, written

    def draw(answered: Answered) -> Chart:
        return bars(
            [
                {
                    "name": " · ".join(written(row[name], Kind.TEXT) for name in names.split() if row[name]) or NONE,
                    "value": row[value],
                    "shown": number(row[value]) + (f" · {float(row[percent]):.0f} %" if percent else ""),
                    "link": row.get("link"),
                }
                for row in answered.rows
            ],
            heading,
            value_heading,
        )

    return draw
