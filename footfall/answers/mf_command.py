"""MetricFlow's command `mf` without its check for updates: the fence around `dbt_metricflow.cli.main`.

Without it every question about metrics would first ask the package index for a newer version, and take seconds where
there is no network. MetricFlow has no setting for it, so the name that it calls is replaced.
"""

from typing import Any


class _NoUpdateChecker:
    def check(self, *_: Any) -> None:
        """Report no newer version."""


def mf() -> Any:
    """Return the command, ready to be called with arguments and `prog_name`."""
    from dbt_metricflow.cli import main  # The import takes two seconds.

    main.UpdateChecker = _NoUpdateChecker
    return main.cli
