"""The kinds of charts that dashboards use, as Superset's own kinds with their settings. Knows no dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from footfall.superset.bundle.documents import VERSION, Document, id_of
from warehouse.tables.decisions import DAY


@dataclass(frozen=True)
class Sum:
    """A measure that a chart adds up itself: the sum of a column of figures that add up."""

    column: str
    label: str


Measure = str | Sum
"""A metric of the dataset by its name, or a sum."""


@dataclass(frozen=True)
class Chart:
    """One chart over one dataset."""

    title: str
    dataset: str
    """`schema.name`."""
    kind: str
    """Superset's own word for it."""
    settings: dict[str, Any]
    width: int = 4
    """Of the twelve columns of a dashboard."""

    def document(self, dashboard: str, days: bool, description: str | None) -> Document:
        """Return the chart as a dashboard has it. With `days` the dashboard's filter of days reaches it."""
        return {
            "slice_name": self.title,
            "description": description,
            "viz_type": self.kind,
            "params": {"viz_type": self.kind, "adhoc_filters": [_ANY_DAY] if days else []} | self.settings,
            "uuid": self.id(dashboard),
            "version": VERSION,
            "dataset_uuid": id_of("dataset", self.dataset),
        }

    def id(self, dashboard: str) -> str:
        """Return its id."""
        return id_of("chart", f"{dashboard}/{self.title}")


_ANY_DAY = {
    "clause": "WHERE",
    "expressionType": "SIMPLE",
    "subject": DAY,
    "operator": "TEMPORAL_RANGE",
    "comparator": "No filter",
}


def number(title: str, dataset: str, measure: Measure, width: int = 2) -> Chart:
    """Return one figure, large."""
    settings = {"metric": _metric(measure), "header_font_size": 0.4, "subheader_font_size": 0.15}
    return Chart(title, dataset, "big_number_total", settings, width)


def by_day(title: str, dataset: str, measures: Sequence[Measure], by: str | None = None, width: int = 8) -> Chart:
    """Return a line for each measure, or for each value of a column, over days."""
    settings = {
        "x_axis": DAY,
        "time_grain_sqla": "P1D",
        "metrics": [_metric(each) for each in measures],
        "groupby": [by] if by else [],
        "row_limit": 10000,
        "truncate_metric": True,
        "show_legend": True,
        "markerEnabled": True,
        "rich_tooltip": True,
        "x_axis_time_format": "%Y-%m-%d",
        "tooltipTimeFormat": "%Y-%m-%d",
    }
    return Chart(title, dataset, "echarts_timeseries_line", settings, width)


def stacked_by_day(title: str, dataset: str, measure: Measure, by: str, width: int = 8) -> Chart:
    """Return a bar for each day, divided by the values of a column."""
    line = by_day(title, dataset, [measure], by, width)
    return Chart(title, dataset, "echarts_timeseries_bar", line.settings | {"stack": "Stack"}, width)


def ranked(title: str, dataset: str, by: str, measure: Measure, only: str | None = None, width: int = 4) -> Chart:
    """Return the ten values of a column that have most, as bars; `only`: of the rows that meet this condition."""
    settings: dict[str, Any] = {
        "x_axis": by,
        "metrics": [_metric(measure)],
        "groupby": [],
        "orientation": "horizontal",
        "row_limit": 10,
        "order_desc": True,
        "x_axis_sort": measure if isinstance(measure, str) else measure.label,
        "x_axis_sort_asc": True,
        "truncate_metric": True,
        "show_legend": False,
        "show_value": True,
    }
    if only:
        condition = {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": only}
        settings["adhoc_filters"] = [_ANY_DAY, condition]
    return Chart(title, dataset, "echarts_timeseries_bar", settings, width)


def shares(title: str, dataset: str, by: str, measure: Measure, width: int = 4) -> Chart:
    """Return the shares of a column's values, as a ring."""
    settings = {
        "groupby": [by],
        "metric": _metric(measure),
        "row_limit": 20,
        "sort_by_metric": True,
        "donut": True,
        "show_legend": True,
        "label_type": "value",
    }
    return Chart(title, dataset, "pie", settings, width)


def steps(title: str, dataset: str, by: str, measure: Measure, width: int = 4) -> Chart:
    """Return the steps of a way as a funnel."""
    settings = {
        "groupby": [by],
        "metric": _metric(measure),
        "row_limit": 20,
        "sort_by_metric": True,
        "percent_calculation_type": "first_step",
        "show_labels": True,
        "show_legend": False,
    }
    return Chart(title, dataset, "funnel", settings, width)


def grouped(title: str, dataset: str, by: Sequence[str], measures: Sequence[Measure], width: int = 6) -> Chart:
    """Return a table of measures by columns, greatest first measure first."""
    metrics = [_metric(each) for each in measures]
    settings = {
        "query_mode": "aggregate",
        "groupby": list(by),
        "metrics": metrics,
        "timeseries_limit_metric": metrics[0],
        "order_desc": True,
        "row_limit": 1000,
        "show_cell_bars": False,
    }
    return Chart(title, dataset, "table", settings, width)


def listed(title: str, dataset: str, columns: Sequence[str], newest_by: str, width: int = 6) -> Chart:
    """Return the newest rows."""
    settings = {
        "query_mode": "raw",
        "all_columns": list(columns),
        "order_by_cols": [f'["{newest_by}", false]'],
        "row_limit": 1000,
        "show_cell_bars": False,
        "table_timestamp_format": "%Y-%m-%d %H:%M:%S",
    }
    return Chart(title, dataset, "table", settings, width)


def _metric(measure: Measure) -> str | Document:
    if isinstance(measure, str):
        return measure
    return {
        "expressionType": "SIMPLE",
        "aggregate": "SUM",
        "column": {"column_name": measure.column},
        "label": measure.label,
        "hasCustomLabel": True,
        "optionName": f"metric_{measure.column}",
    }
