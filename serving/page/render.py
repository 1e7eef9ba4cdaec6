"""HTML of templates, and the headers that keep a page to itself."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from serving.charts.chart import Chart
from serving.page import words
from serving.page.static import digest

_JSON = msgspec.json.Encoder(decimal_format="number")
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def page(
    name: str, values: Mapping[str, Any], status: int = 200, framed_by: Sequence[str] = (), cache: str = "no-store"
) -> HTMLResponse:
    """Return a page made of a template. Pages of `framed_by` may show it in a frame; none given: no page may."""
    policy = _POLICY | {"frame-ancestors": " ".join(framed_by) or "'none'"}
    headers = {
        "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in policy.items()),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "interest-cohort=(), browsing-topics=()",
        "Cache-Control": f"private, {cache}",
        "Vary": "Cookie",
    }
    return HTMLResponse(_templates.get_template(name).render(values), status, headers)


def document(content: bytes) -> HTMLResponse:
    """Return a page that is whole, with its style in it, and that runs and loads nothing."""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store", "Vary": "Cookie"}
    return HTMLResponse(content, headers={"Content-Security-Policy": policy, **headers})


def prepare() -> None:
    """Compile all templates. Else each is compiled with the first page that needs it."""
    for name in _templates.list_templates():
        _templates.get_template(name)


def _data(chart: Chart) -> Markup:
    """Return a chart as JSON that stands in a script element."""
    return Markup(_JSON.encode(chart.for_browser()).decode().replace("<", "\\u003c"))  # noqa: S704


def _drawing(svg: str) -> Markup:
    """Return a drawing of Vega, which has escaped every text in it."""
    return Markup(svg)  # noqa: S704


def _prose(text: str) -> Markup:
    """Return a text of ours or of a definition, with what stands in backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _made() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"data": _data, "drawing": _drawing, "number": words.number, "prose": _prose, "shown": words.shown}
    made.globals |= {"words": words, "static": lambda file: f"/static/{digest()}/{file}", "json": json.dumps}
    return made


_templates = _made()
