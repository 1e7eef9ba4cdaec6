"""MetricFlow's command `mf` inside Footfall: the fence around `dbt_metricflow.cli`.

Three things about it have no setting, so the names that it calls are replaced. It would ask the package index for a
newer version before each question, which takes seconds where there is no network. It prints rows as they are: here the
terminal and the CSV get them as `runtime.display` shows them. And it turns its spinner in pipes and files, too.
"""

import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from runtime.display import CsvWriter, shown, shown_lines


class _NoUpdateChecker:
    def check(self, *_: Any) -> None:
        """Report no newer version."""


class _Csv:
    """In place of the module `csv`."""

    writer = CsvWriter


class _Click:
    """Click, which prints in one colour what is shown."""

    def __init__(self, click: Any) -> None:
        self._click = click

    def __getattr__(self, name: str) -> Any:
        return getattr(self._click, name)

    def echo(self, message: object = "", *_: Any, **__: Any) -> None:
        """Print lines of MetricFlow's."""
        self._click.echo(shown_lines(str(message)))

    def style(self, text: object, *_: Any, **__: Any) -> str:
        """Return the text in no colour."""
        return str(text)


class _Table:
    """The maker of result tables, whose texts are shown."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def create_from_rows(self, column_names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
        """Make a table."""
        texts = [[shown(value) if isinstance(value, str) else value for value in row] for row in rows]
        return self._made.create_from_rows(column_names=column_names, rows=texts)


def mf() -> Any:
    """Return the command, ready to be called with arguments and `prog_name`."""
    import click
    from dbt_metricflow.cli import main, utils  # The import takes two seconds.
    from dbt_metricflow.cli.dbt_connectors import adapter_backed_client as client
    from halo import Halo
    from metricflow.data_table.mf_table import MetricFlowDataTable

    main.UpdateChecker = _NoUpdateChecker
    main.csv_module = _Csv
    main.Halo = partial(Halo, enabled=sys.stdout.isatty())
    main.click = utils.click = _Click(click)
    client.MetricFlowDataTable = _Table(MetricFlowDataTable)
    return main.cli
