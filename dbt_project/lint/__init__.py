"""Give sqlfluff the names that dbt gives to templates, so that it renders SQL it can parse. dbt does not use this."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

_PARTS = {"running_frame": "rows unbounded preceding", "computed_once": ""}
"""Macros that are no expression of their own."""
_VARS = yaml.safe_load((Path(__file__).parent.parent / "dbt_project.yml").read_text())["vars"]


class _Adapter:
    """Stands in for a macro that differs between databases: a plain function of the first argument."""

    def dispatch(self, name: str) -> Callable[..., str]:
        if name in _PARTS:
            return lambda *_: _PARTS[name]
        return lambda *arguments: f"{name}({arguments[0]})" if arguments else name


class _Dbt:
    """The functions dbt itself offers to macros."""

    def type_string(self) -> str:
        return "text"

    def date_spine(self, datepart: str, start: str, end: str) -> str:
        return "select current_date as date_day"


def var(name: str) -> Any:
    """A variable of the project."""
    return _VARS[name]


adapter = _Adapter()
graph: dict[str, Any] = {}
dbt = _Dbt()
