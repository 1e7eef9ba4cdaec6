"""Horizontal bars with their names on them: what there is most of."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt

from serving.charts.chart import ROWS, Chart, form_of
from serving.charts.theme import INK, QUIET, TINT

STEP = 28
"""Height of a bar with its gap, in pixels."""
_FOR_VALUES = 106
_BESIDE_VALUES = alt.ExprRef(f"max(40, width - {_FOR_VALUES})")
"""How far bars and names reach, in pixels: the values stand beside them."""


def bars(rows: Sequence[Mapping[str, Any]], heading: str, value_heading: str) -> Chart:
    """Return bars of rows with `name`, `value`, `shown` (the value as text) and perhaps `link`, in their order.

    Two rows of one name are two bars.
    """
    placed = [{**row, "place": place} for place, row in enumerate(rows)]
    return Chart(_form(heading, value_heading), placed, STEP * len(rows))


@cache
def _form(heading: str, value_heading: str) -> str:
    names = alt.Y("place:O", sort=None, axis=None, scale=alt.Scale(paddingInner=0.2, paddingOuter=0))
    tooltips = [alt.Tooltip("name:N", title=heading), alt.Tooltip("shown:N", title=value_heading)]
    base = alt.Chart(ROWS).encode(y=names)
    ground = base.mark_bar(color=TINT, cornerRadius=3, height={"band": 1}).encode(
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False, range=[0, _BESIDE_VALUES])),
        tooltip=tooltips,
    )
    labels = base.mark_text(align="left", color=INK, dx=8, limit=_BESIDE_VALUES, tooltip=None).encode(
        x=alt.value(0), text="name:N"
    )
    values = base.mark_text(align="right", color=QUIET, dx=-6).encode(x=alt.value("width"), text="shown:N")
    return form_of(alt.layer(ground, labels, values))
