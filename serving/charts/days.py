"""A figure day by day, beside the days before and beside a second figure."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt

from serving.charts.chart import ROWS, Chart, form_of
from serving.charts.theme import MAIN, QUIET, SECOND

HEIGHT = 220
_DAY = "day:T"


def days(rows: Sequence[Mapping[str, Any]], heading: str, second_heading: str = "", before_heading: str = "") -> Chart:
    """Return lines over rows with `day` (2026-11-30) and `value`, in their order, one row for each day.

    With `second_heading` a line of `second`, with `before_heading` one of `before`: the same of the days before. Null
    draws nothing. Rows may have a `link`.
    """
    return Chart(_form(heading, second_heading, before_heading), rows, HEIGHT)


@cache
def _form(heading: str, second_heading: str, before_heading: str) -> str:
    series = {"before": (before_heading, QUIET), "value": (heading, MAIN), "second": (second_heading, SECOND)}
    drawn = {field: each for field, each in series.items() if each[0]}
    ordered = [drawn[field] for field in ("value", "second", "before") if field in drawn]
    colours = {
        "scale": alt.Scale(domain=[name for name, _ in ordered], range=[colour for _, colour in ordered]),
        "legend": alt.Legend(symbolType="stroke", symbolStrokeWidth=3),
    }
    base = alt.Chart(ROWS).encode(x=_axis_of_days())
    layers = [
        base.mark_area(color=MAIN, opacity=0.12).encode(y="value:Q"),
        *(_line(base, field, name, colours) for field, (name, _) in drawn.items()),
        _under_the_pointer(base, {name: field for field, (name, _) in drawn.items()}),
    ]
    return form_of(alt.layer(*layers))


def _axis_of_days() -> alt.X:
    number = alt.ExprRef("max(1, min(data('rows').length - 1, ceil(width / 90)))")
    axis = alt.Axis(format="%-d %b", title=None, grid=False, labelOverlap=True, labelFlush=True, tickCount=number)
    return alt.X(_DAY, axis=axis, scale=alt.Scale(type="utc"))


def _line(base: alt.Chart, field: str, name: str, colours: Mapping[str, Any]) -> alt.Chart:
    axis = alt.Axis(
        title=None,
        tickCount=4,
        domain=False,
        ticks=False,
        format=",~s",
        labelExpr="datum.value == 0 ? '0' : datum.label",
    )
    dash = [3, 4] if field == "before" else [1, 0]
    width = 1.5 if field == "before" else 2
    # A single day is no line.
    size = alt.ExprRef(f"data('rows').length > 40 ? 0 : {16 if field == 'before' else 26}")
    line = base.mark_line(strokeWidth=width, strokeDash=dash, point={"size": size, "filled": True})
    line = line.transform_calculate(name=alt.expr.toString(name))
    return line.encode(y=alt.Y(f"{field}:Q", axis=axis), color=alt.Color("name:N", **colours))


def _under_the_pointer(base: alt.Chart, fields: Mapping[str, str]) -> alt.Chart:
    """Return what shows the figures of a day wherever the pointer is above it."""
    tooltips = [alt.Tooltip(_DAY, title="day", format="%A, %-d %B %Y", timeUnit="utcyearmonthdate")]
    tooltips += [alt.Tooltip(f"{field}:Q", title=name, format=",") for name, field in fields.items()]
    wide = alt.ExprRef("width / max(1, data('rows').length)")
    return base.mark_rule(opacity=0, strokeWidth=wide).encode(y=alt.value(0), y2=alt.value(HEIGHT), tooltip=tooltips)
