"""A chart: a form, which Altair made once, and the rows that it draws, here as SVG or in a browser as a picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import msgspec
import vl_convert

from serving.charts.theme import CONFIG

ROWS = alt.NamedData(name="rows")
"""The data of every form."""
MOST_FORMS, MOST_DRAWN = 128, 512
_JSON = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Chart:
    """A form of Vega-Lite, as JSON, over rows of plain values."""

    form: str
    rows: Sequence[Mapping[str, Any]]
    height: int
    """Of what is drawn, without axis and legend, in pixels."""

    def svg(self, width: int) -> str:
        """Draw it, so many pixels wide. What was drawn lately is kept."""
        return _drawn(self.form, _JSON.encode(self.rows), width, self.height)

    def for_browser(self) -> dict[str, Any]:
        """Return it for Vega in a browser, as wide as the element that it stands in."""
        form = json.loads(self.form)
        return {**form, "width": "container", "height": self.height, "datasets": {"rows": list(self.rows)}}


def form_of(chart: alt.TopLevelMixin) -> str:
    """Return the form of an Altair chart over `ROWS`."""
    made = chart.to_dict()
    return json.dumps({**made, "config": CONFIG, "autosize": {"type": "fit-x", "contains": "padding"}})


@lru_cache(MOST_FORMS)
def _compiled(form: str) -> str:
    """Return the form as Vega, without rows and sizes."""
    return json.dumps(vl_convert.vegalite_to_vega({**json.loads(form), "width": 1}))


@lru_cache(MOST_DRAWN)
def _drawn(form: str, rows: bytes, width: int, height: int) -> str:
    made = json.loads(_compiled(form)) | {"width": width, "height": height}
    for data in made["data"]:
        if data["name"] == "rows":
            data["values"] = json.loads(rows)
    return vl_convert.vega_to_svg(made)
