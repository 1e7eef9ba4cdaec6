"""A report as one HTML file, which needs nothing from outside and no script, and as a picture."""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime.display import shown
from serving.charts.changes import changes
from serving.charts.chart import Chart
from serving.charts.days import days
from serving.charts.theme import DARK, FONT, LIGHT, coloured
from serving.page import words
from serving.page.words import Kind
from serving.report.change import Change, of_the_way
from serving.report.report import Figure, Report, Where

WIDTH = 640
"""Width of the charts, in pixels: a mail is read about so wide."""
_SCALE = 2


def as_page(report: Report, address: str) -> str:
    """Return the report as HTML. `address` is that of the page of the day."""
    return (
        _templates()
        .get_template("report.html")
        .render(
            report=report,
            address=address,
            title=title(report),
            summary=summary(report),
            days_svg=_days(report).svg(WIDTH),
            where=[(each, _where(each).svg(WIDTH)) for each in report.where],
            change=change,
            tone=tone,
            value=value,
        )
    )


def as_picture(report: Report) -> bytes:
    """Return a PNG of the headline figures and the charts, one below the other. It is no picture of the page."""
    parts: list[str] = []
    top = 34

    def line(text: str, size: int, colour: str, x: int = 32, weight: int = 400) -> None:
        parts.append(
            f'<text x="{x}" y="{top}" font-size="{size}" font-weight="{weight}" fill="{LIGHT[colour]}">'
            f"{escape(shown(text))}</text>"
        )

    line(title(report), 22, "ink", weight=600)
    top += 26
    for said in wrap(summary(report), 96):
        line(said, 13, "quiet")
        top += 19
    top += 25
    for number, figure in enumerate(report.figures):
        x = 32 + number % 4 * (WIDTH // 4)
        if number and number % 4 == 0:
            top += 74
        for text, size, colour, down in (
            (figure.name, 12, "quiet", 0),
            (value(figure), 22, "ink", 26),
            (change(figure), 11, tone(figure) or "quiet", 44),
        ):
            top += down
            line(text, size, colour, x, 600 if size == 22 else 400)
            top -= down
    top += 84
    charts = [("Sessions of the last four weeks", _days(report))]
    charts += [(f"{each.title}, change of {each.counts}", _where(each)) for each in report.where if each.changes]
    for heading, chart in charts:
        line(heading, 14, "ink", weight=600)
        drawn = coloured(chart.svg(WIDTH), LIGHT)
        parts.append(drawn.replace("<svg", f'<svg x="32" y="{top + 14}"', 1))
        top += 44 + _height(drawn)
    whole = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 64}" height="{top}" font-family="{FONT}">'
    picture = f'{whole}<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    return vl_convert.svg_to_png(picture, scale=_SCALE)


def title(report: Report) -> str:
    """Return the subject of the report."""
    return f"{report.site} on {words.day(report.day)}"


def summary(report: Report) -> str:
    """Say in a sentence how sessions changed, and where most of it came from."""
    (sessions,) = (figure for figure in report.figures if figure.name == "Sessions")
    if sessions.before is None:
        return f"{words.number(sessions.now)} sessions; nothing is published of the {report.before:%A} before."
    if not sessions.before:
        return f"{words.number(sessions.now)} sessions; the {report.before:%A} before had none."
    total = int(sessions.now) - int(sessions.before)
    said = f"{words.number(sessions.now)} sessions, {_percent(sessions)} the {report.before:%A} before"
    found = [(each, of_the_way(each.changes, total)) for each in report.where]
    names = [f"{part.name} ({_signed(part)} {each.counts})" for each, part in found if part]
    return f"{said}. Most of it: {', '.join(names)}." if names else f"{said}."


def value(figure: Figure) -> str:
    """Return the figure as text."""
    return f"{words.written(figure.now, Kind.NUMBER)} {figure.unit}".rstrip()


def change(figure: Figure) -> str:
    """Say how the figure differs from that of the same weekday before."""
    if figure.before is None:
        return "nothing the week before"
    if figure.now == figure.before:
        return "as the week before"
    if not figure.before:
        return "0 the week before"
    return f"{float(figure.now) / float(figure.before) - 1:+.0%} ({words.number(figure.before)})".replace("-", "−")


def tone(figure: Figure) -> str:
    """Return whether the change is good or bad; empty: neither."""
    if figure.before is None or figure.now == figure.before:
        return ""
    return "good" if (figure.now > figure.before) == (figure.more_is == "good") else "bad"


def _percent(figure: Figure) -> str:
    percent = 100 * (float(figure.now) / float(figure.before or 1) - 1)
    return "as many as" if round(percent) == 0 else f"{abs(percent):.0f} % {'more' if percent > 0 else 'fewer'} than"


def _signed(change: Change) -> str:
    return f"{change.difference:+,}".replace("-", "−")


def _days(report: Report) -> Chart:
    rows: list[dict[str, Any]] = [
        {
            "day": row["event_date"].isoformat(),
            "value": row["session_count"],
            "second": row["visitor_count"],
            "before": row["before"],
        }
        for row in report.days
    ]
    return days(rows, "sessions", "visitors", "sessions a week before")


def _where(where: Where) -> Chart:
    rows: Sequence[dict[str, Any]] = [
        {"name": f"{shown(each.name)}  {_signed(each)}", "value": each.difference, "shown": _signed(each)}
        for each in where.changes
    ]
    return changes(rows, where.title)


def _height(svg: str) -> int:
    return round(float(svg.partition('height="')[2].partition('"')[0]))


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = lambda text: shown(str(text))
    made.globals |= {"words": words, "signed": _signed, "light": LIGHT, "dark": DARK, "font": FONT}
    return made
