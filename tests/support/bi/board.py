"""A dashboard of Superset in a browser: what each chart got from the server, and what stands on it."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.support.browser.look import Look

PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Drawn:
    """What a chart got: its columns in order, and its rows."""

    columns: list[str]
    rows: list[tuple]
    text: str
    """What can be read on it."""


def ask(look: Look, path: str) -> Any:
    """What the server answers to the signed-in browser."""
    return look.run(f"fetch({json.dumps(path)}).then(answer => answer.json())")


def open_board(look: Look, url: str, name: str, filters: str = "") -> dict[str, Drawn]:
    """Open a dashboard and wait until all of its charts are drawn.

    Returns:
        Title of a chart → what it got.
    """
    query = f"?native_filters={quote(filters)}" if filters else ""
    look.at("about:blank")
    address = f"{url}/superset/dashboard/footfall-{name}/{query}"
    look.browser.events[look.tab.page].clear()
    look.tab.command("Emulation.setDeviceMetricsOverride", width=1500, height=3000, deviceScaleFactor=1, mobile=False)
    look.tab.command("Page.navigate", url=address)
    look.tab.wait(lambda: look.run(f"location.pathname.includes('/dashboard/footfall-{name}')"))
    charts = {chart["id"]: chart["slice_name"] for chart in _charts(look, name)}
    look.tab.wait(lambda: set(_answers(look)) >= set(charts), seconds=PATIENCE_SECONDS)
    look.tab.wait(lambda: look.run(_IS_DRAWN), seconds=PATIENCE_SECONDS)
    answers = _answers(look)
    return {title: _drawn(look, answers[number], number) for number, title in charts.items()}


_IS_DRAWN = "!document.querySelector('.loading, [data-test=\"loading-indicator\"], .ant-spin-spinning')"


def _charts(look: Look, name: str) -> list[dict[str, Any]]:
    return ask(look, f"/api/v1/dashboard/footfall-{name}/charts")["result"]


def _answers(look: Look) -> dict[int, str]:
    """Id of a chart → the request whose whole answer is there."""
    events = list(look.browser.events[look.tab.page])
    done = {event["params"]["requestId"] for event in events if event["method"] == "Network.loadingFinished"}
    asked = {}
    for event in events:
        if event["method"] == "Network.requestWillBeSent":
            parts = urlsplit(event["params"]["request"]["url"])
            given = parse_qs(parts.query).get("form_data")
            if parts.path == "/api/v1/chart/data" and given and event["params"]["requestId"] in done:
                asked[json.loads(given[0])["slice_id"]] = event["params"]["requestId"]
    return asked


def _drawn(look: Look, request: str, number: int) -> Drawn:
    body = look.tab.command("Network.getResponseBody", requestId=request)["body"]
    answer = json.loads(body)
    assert "result" in answer, body
    (result, *_) = answer["result"]
    kinds = dict(zip(result["colnames"], result["coltypes"], strict=True))
    times = {name for name, kind in kinds.items() if kind == 2}
    columns = [name for name in kinds if not name.endswith("__contribution")]
    rows = [
        tuple(_moment(row[name]) if name in times else plain(row[name]) for name in columns) for row in result["data"]
    ]
    text = look.run(f"document.querySelector('[data-test-chart-id=\"{number}\"], #chart-id-{number}')?.innerText ?? ''")
    return Drawn(columns, rows, text)


def _moment(value: Any) -> Any:
    return value if value is None else datetime.fromtimestamp(value / 1000, UTC).isoformat()


def plain(value: Any) -> Any:
    """A value as it can be compared: numbers rounded, times in UTC."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return round(float(value), 6)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).isoformat()
    return value


def outside(look: Look, url: str) -> list[str]:
    """The addresses beyond Superset that the page asked, and its policy did not stop."""
    events = list(look.browser.events[look.tab.page])
    stopped = {
        event["params"]["requestId"]
        for event in events
        if event["method"] == "Network.loadingFailed" and event["params"].get("blockedReason") == "csp"
    }
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
        and event["params"]["requestId"] not in stopped
        and not event["params"]["request"]["url"].startswith((f"{url}/", "data:", "blob:", "about:"))
    ]
