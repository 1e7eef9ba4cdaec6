"""`footfall ask`: ready questions and their answers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from footfall.cli.console import cell, complain, hand_over, hand_over_json, say, table, width
from footfall.cli.context import current_installation, note_if_nothing

if TYPE_CHECKING:
    from footfall.answers.questions import Parameters
    from footfall.pipeline.installation import Installation

_GAP = 2
"""Characters between two columns of a table."""
_BARS = "▁▂▃▄▅▆▇█"
_LEAST_DAYS, _MOST_DAYS = 3, 31
"""Fewer days are read at a glance in the table itself; of more the last are drawn, so that a line fits 100 columns."""

SPARSE = {"summary"}
"""Questions about everything that a site may have: a person is shown the columns that have something."""


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(ask)


def _beginning(incomplete: str) -> list[str]:
    from footfall.answers.questions import questions

    return [name for name in questions() if name.startswith(incomplete)]


def ask(
    question: Annotated[
        str | None, typer.Argument(help="Its name; without one, all are shown.", autocompletion=_beginning)
    ] = None,
    site: Annotated[str, typer.Option(help="Only this site; without it, all.")] = "",
    days: Annotated[
        int | None, typer.Option(help="The last so many published days; 0: of all time. Without it, 7.", min=0)
    ] = None,
    first: Annotated[str, typer.Option("--from", help="Instead of --days: not before this day, 2026-11-30.")] = "",
    last: Annotated[str, typer.Option("--to", help="Not after this day.")] = "",
    var: Annotated[list[str] | None, typer.Option(help="Another variable, such as rows=50; repeat for more.")] = None,
    include_today: Annotated[
        bool, typer.Option("--include-today", help="With the open day, as `footfall today` built it: ungated.")
    ] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL instead of its answer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: the rows as one JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For programs: the rows as CSV.")] = False,
    for_spreadsheet: Annotated[bool, typer.Option(help="CSV for people: formulas in texts are escaped.")] = False,
) -> None:
    """Answer a ready question about what is published."""
    from footfall.answers.formats import Format, written
    from footfall.answers.nothing import require_known_site
    from footfall.answers.questions import answer, parameters, plain_sql, questions, require_taken, today_as_of
    from warehouse.postgres.roles import Role

    if sql + as_json + (as_csv or for_spreadsheet) > 1:
        complain("choose one of --sql, --json and --csv; --for-spreadsheet is for CSV")

    def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], **about: Any) -> None:
        if as_json:
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            hand_over_json(written(Format.JSON, {"question": question, **about, "rows": named}, columns, rows))
        elif as_csv or for_spreadsheet:
            hand_over(written(Format.CSV, {}, columns, rows, for_spreadsheet))
        elif question is None:
            table(title, columns, rows)
        elif question in SPARSE and rows:
            empty = columns_of_nothing(columns, rows)
            shown = [number for number, name in enumerate(columns) if name not in empty]
            _show(title, [columns[each] for each in shown], [[row[each] for each in shown] for row in rows])
            if empty:
                say(f"nothing in {', '.join(empty)}")
        else:
            _show(title, columns, rows)

    if question is None:
        show("Questions", ["name", "question"], list(questions().items()))
        return
    others = _read(var or [])
    period = {"days": days, "first": first or None, "last": last or None}
    given = {name: value for name, value in period.items() if value is not None}
    asked = parameters({"site": site} | given | others)
    with current_installation() as installation:
        require_taken(installation, question, others)
        if sql:
            say(plain_sql(installation, question, asked, include_today))
        else:
            with installation.engine_of(Role.ANALYST).connect() as connection:
                require_known_site(connection, asked.site)
            as_of = today_as_of(installation) if include_today else None
            columns, rows = answer(installation, question, asked, include_today)
            about = {"as_of": as_of, "is_final": False} if include_today else {}
            show(questions()[question], columns, rows, **about)
            if as_json or as_csv or for_spreadsheet:
                note_if_nothing(installation)
            elif not rows:
                _explain(installation, question, asked)
            if include_today and not (as_json or as_csv or for_spreadsheet):
                say(f"not final; {f'as of {as_of:%Y-%m-%d %H:%M:%S} UTC' if as_of else 'the open day is not built'}")


def _read(pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            complain(f"--var takes NAME=VALUE, such as rows=50, not {pair}")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _explain(installation: "Installation", question: str, asked: "Parameters") -> None:
    """Say why an answer has no rows, where it is of published sessions; what else is asked for, may well be none."""
    from footfall.answers.nothing import why_nothing
    from footfall.answers.questions import reads_days
    from warehouse.postgres.roles import Role

    say("no rows")
    if reads_days(installation, question):
        with installation.engine_of(Role.ANALYST).connect() as connection:
            for sentence in why_nothing(connection, asked):
                say(f"  {sentence}")


def _show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; one too wide for this terminal in parts, each with what its rows begin with."""
    for part_columns, part_rows in divided(columns, rows, width()):
        table(title, part_columns, part_rows)
        title = ""
    if lines := series(columns, rows):
        say()
        table("", ["", "day by day", "least", "most"], lines)


def columns_of_nothing(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the columns, but for the site, in which no row has anything: neither a text nor a number but zero."""
    return [name for number, name in enumerate(columns[1:], start=1) if not any(row[number] for row in rows)]


def divided(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int
) -> list[tuple[Sequence[str], Sequence[Sequence[Any]]]]:
    """Divide a table into parts that are no wider than `width`, so that no heading is broken.

    Each part repeats the names at the beginning of the rows; where these leave no room for a figure, a number for each
    row in place of them.
    """
    widths = _widths(columns, rows)
    names = next((number for number, each in enumerate(rows[0]) if not isinstance(each, str)), 1) if rows else 0
    if rows and sum(widths[:names]) + max(widths[names:], default=0) > width:
        columns, rows = ["row", *columns], [[number, *row] for number, row in enumerate(rows, start=1)]
        widths, names = _widths(columns, rows), 1
    return [
        ([columns[each] for each in part], [[row[each] for each in part] for row in rows])
        for part in parts(widths, names, width)
    ]


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    return [max(len(cell(each)) for each in cells) + _GAP for cells in zip(columns, *rows, strict=True)]


def parts(widths: Sequence[int], names: int, width: int) -> list[list[int]]:
    """Divide columns into parts that are no wider than `width`, or hold a single column beside the first `names`."""
    first = list(range(names))
    divided = [list(first)]
    for number in range(names, len(widths)):
        if divided[-1] != first and sum(widths[each] for each in [*divided[-1], number]) > width:
            divided.append(list(first))
        divided[-1].append(number)
    return divided


def series(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[str, str, Any, Any]]:
    """Return a line for each figure of an answer that has one row a day: its name, a drawing, the least and the most.

    An answer with several rows for a day, such as one for each page, is no series.
    """
    if "event_date" not in columns:
        return []
    day = columns.index("event_date")
    sites = sorted({str(row[columns.index("site_id")]) for row in rows} if "site_id" in columns else {""})
    drawn = []
    for site in sites:
        of_site = sorted(
            (row for row in rows if not site or row[columns.index("site_id")] == site), key=lambda r: r[day]
        )
        if len(of_site) < _LEAST_DAYS or len({row[day] for row in of_site}) < len(of_site):
            return []
        for number, name in enumerate(columns):
            values = [row[number] for row in of_site]
            if name != "total" and any(values) and all(map(_is_figure, values)):
                drawn.append((f"{site} {name}".strip(), sparkline(values), *_ends(values)))
    return drawn


def sparkline(values: Sequence[Any]) -> str:
    """Draw figures as bars of eight heights, from nothing to the greatest; a gap where there is none."""
    most = max((value for value in values if value is not None), default=0)
    return "".join(
        " " if value is None else _BARS[int((len(_BARS) - 1) * max(value, 0) / most)] if most > 0 else _BARS[0]
        for value in values[-_MOST_DAYS:]
    )


def _ends(values: Sequence[Any]) -> tuple[Any, Any]:
    known = [value for value in values if value is not None]
    return min(known), max(known)


def _is_figure(value: Any) -> bool:
    return value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool))
