"""A dashboard as Superset lays it out, with its filters for site and days."""

from typing import Any

from footfall.superset.bundle.charts import Chart
from footfall.superset.bundle.dashboards import Dashboard
from footfall.superset.bundle.documents import VERSION, Document, id_of

SITES = "marts.sites"
REFRESH_SECONDS = 10
"""How often a dashboard of what goes on now asks again."""


def laid_out(dashboard: Dashboard, first_number: int) -> Document:
    """Return the dashboard. Its charts are numbered from `first_number`; an import gives them others."""
    filters = [_filter("site", "Site", "filter_select", [_SITE])]
    if dashboard.has_days:
        filters.append(_filter("days", "Days", "filter_time", [{}]))
    return {
        "dashboard_title": dashboard.title,
        "slug": f"footfall-{dashboard.name}",
        "uuid": id_of("dashboard", dashboard.name),
        "position": _position(dashboard, first_number),
        "metadata": {
            "native_filter_configuration": filters,
            "color_scheme": "supersetColors",
            "cross_filters_enabled": True,
            "refresh_frequency": 0 if dashboard.has_days else REFRESH_SECONDS,
        },
        "published": True,
        "version": VERSION,
    }


_SITE = {"column": {"name": "site_id"}, "datasetUuid": id_of("dataset", SITES)}


def _filter(name: str, title: str, kind: str, targets: list[dict[str, Any]]) -> Document:
    return {
        "id": f"NATIVE_FILTER-{name}",
        "type": "NATIVE_FILTER",
        "name": title,
        "filterType": kind,
        "targets": targets,
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "controlValues": {"enableEmptyFilter": False, "multiSelect": True},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
        "description": "",
    }


def _position(dashboard: Dashboard, first_number: int) -> Document:
    number = first_number
    rows: list[str] = []
    parts: Document = {}
    for place, (height, charts) in enumerate(dashboard.rows, start=1):
        row = f"ROW-{place}"
        held: list[str] = []
        for chart in charts:
            held.append(f"CHART-{number}")
            parts[held[-1]] = _placed(held[-1], row, _meta(dashboard, chart, number, height))
            number += 1
        rows.append(row)
        parts[row] = {
            "id": row,
            "type": "ROW",
            "children": held,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
    return {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": dashboard.title}},
        **parts,
    }


def _placed(name: str, row: str, meta: Document) -> Document:
    return {"id": name, "type": "CHART", "children": [], "parents": ["ROOT_ID", "GRID_ID", row], "meta": meta}


def _meta(dashboard: Dashboard, chart: Chart, number: int, height: int) -> Document:
    return {
        "chartId": number,
        "uuid": chart.id(dashboard.name),
        "sliceName": chart.title,
        "width": chart.width,
        "height": height,
    }
