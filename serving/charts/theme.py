"""How charts look. Colours are names of CSS variables; where there is no style sheet, a palette gives them values."""

import re
from collections.abc import Mapping
from types import MappingProxyType

INK, QUIET, LINE = "var(--ink)", "var(--quiet)", "var(--line)"
"""Text, text that matters less, and lines."""
MAIN, SECOND, THIRD, TINT = "var(--main)", "var(--second)", "var(--third)", "var(--tint)"
"""Series in their order, and the ground of a bar under its text."""
GOOD, BAD = "var(--good)", "var(--bad)"

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#1b2330",
        "quiet": "#5a6573",
        "line": "#dfe3e8",
        "main": "#2f6bb3",
        "second": "#b4560f",
        "third": "#2c7d59",
        "tint": "#dbe7f5",
        "good": "#1d7044",
        "bad": "#b3261e",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#e6eaf0",
        "quiet": "#9aa6b4",
        "line": "#2b3440",
        "main": "#78aef0",
        "second": "#eaa15f",
        "third": "#6cc79b",
        "tint": "#22364f",
        "good": "#74cf9c",
        "bad": "#ff9a90",
    }
)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"

CONFIG = {
    "background": "transparent",
    "padding": {"left": 0, "top": 0, "right": 0, "bottom": 3},
    # Who draws it says in words what it shows, and gives the rows as a table.
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "labelFontSize": 12,
        "titleColor": QUIET,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelPadding": 6,
    },
    "legend": {"labelColor": QUIET, "labelFontSize": 12, "title": None, "orient": "top", "symbolSize": 60, "offset": 4},
    "text": {"color": INK, "fontSize": 13},
}


def coloured(svg: str, palette: Mapping[str, str]) -> str:
    """Return a drawing with the colours of this palette, for where no style sheet is."""
    return re.sub(r"var\(--([a-z]+)\)", lambda found: palette[found[1]], svg)
