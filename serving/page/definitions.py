"""Definitions in words, as dbt documents columns and metrics: the text of the documentation and the database."""

from collections.abc import Mapping, Sequence

from serving.page.card import Column
from warehouse.tables.decisions import Mart


def definitions(marts: Mapping[str, Mart], metrics: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return `mart.column`, or the name of a metric → its description."""
    columns = {f"{mart.name}.{each.name}": each.description for mart in marts.values() for each in mart.columns}
    return columns | dict(metrics)


def described(columns: Sequence[Column], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the heading and the definition of each column that has one."""
    return [(each.heading, known[each.means]) for each in columns if each.means]
