"""Bars to the left and to the right of nothing: what there is less of, and what there is more of."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt

from serving.charts.bars import STEP
from serving.charts.chart import ROWS, Chart, form_of
from serving.charts.theme import BAD, GOOD, INK, LINE


def changes(rows: Sequence[Mapping[str, Any]], heading: str) -> Chart:
    """Return bars of rows with `name`, `value` (the change) and `shown` (the change as text), in their order."""
    return Chart(_form(heading), rows, STEP * len(rows))


@cache
def _form(heading: str) -> str:
    axis = alt.Axis(title=None, domain=False, ticks=False, labelLimit=200, labelColor=INK, minExtent=150)
    names = alt.Y("name:N", sort=None, axis=axis, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15))
    tooltips = [alt.Tooltip("name:N", title=heading), alt.Tooltip("shown:N", title="change")]
    base = alt.Chart(ROWS).encode(y=names)
    drawn = base.mark_bar(cornerRadius=3).encode(
        x=alt.X("value:Q", axis=None, scale=alt.Scale(nice=False, zero=True)),
        color=alt.condition("datum.value < 0", alt.value(BAD), alt.value(GOOD)),
        tooltip=tooltips,
    )
    zero = alt.Chart(ROWS).mark_rule(color=LINE).encode(x=alt.datum(0))
    return form_of(alt.layer(drawn, zero))
