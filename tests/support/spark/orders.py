"""Where a query depends on the order of rows, and whether that order is total. Reads SQL, and runs nothing."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

with warnings.catch_warnings():
    # Of a faster reader that another package brings.
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp

ALIKE_FOR_TIES = (exp.Min, exp.Max, exp.Sum, exp.Count)
"""Functions that, without a frame of rows, take all rows that tie at once."""
RANKS = (exp.Rank, exp.DenseRank)


@dataclass(frozen=True)
class Ordered:
    """What depends on an order: in the rows of which relation, and by which columns they are told apart."""

    relation: str
    columns: frozenset[str]
    written: str


def ordered(query: str) -> Iterator[Ordered]:
    """All windows and aggregates of a query that rows which tie could change. What limits or sorts rows has no columns."""
    for select in sqlglot.parse_one(query, dialect="postgres").find_all(exp.Select):
        relation = select.args["from_"].this.name if select.args.get("from_") else ""
        named = {window.name: window for window in select.args.get("windows") or ()}
        for window in _within(select, exp.Window):
            spec = named.get(window.args["alias"].name, window) if window.args.get("alias") else window
            if window.this is not None and _depends(window.this, spec):
                yield Ordered(relation, _columns([*spec.args["partition_by"], *_order(spec)]), window.sql("postgres"))
        for order in _within(select, exp.Order):
            folded = order.parent
            if isinstance(folded, exp.Window | exp.WithinGroup) or isinstance(order.this, exp.Distinct):
                continue
            if isinstance(folded, exp.Select):
                yield Ordered(relation, frozenset(), "order by")
                continue
            group = select.args["group"].expressions if select.args.get("group") else []
            yield Ordered(relation, _columns([*group, *order.expressions]), folded.sql("postgres"))
        if select.args.get("limit") or (select.args.get("distinct") and select.args["distinct"].args.get("on")):
            yield Ordered(relation, frozenset(), "limit or distinct on")


def untotal(query: str, keys: Mapping[str, frozenset[str]]) -> list[str]:
    """What depends on an order that does not hold the key of the rows it orders: relation → columns of which no two have all."""
    return [
        f"{each.relation}: {each.written}"
        for each in ordered(query)
        if each.relation not in keys or not keys[each.relation] <= each.columns
    ]


def _within(select: exp.Select, kind: type) -> Iterator[exp.Expression]:
    """Those of the query itself, and not of one within it."""
    definitions = select.args.get("windows") or ()
    return (
        each for each in select.find_all(kind) if each.find_ancestor(exp.Select) is select and each not in definitions
    )


def _order(window: exp.Window) -> list[exp.Expression]:
    return window.args["order"].expressions if window.args.get("order") else []


def _depends(function: exp.Expression, window: exp.Window) -> bool:
    if not _order(window) or isinstance(function, RANKS):
        return False
    return bool(window.args.get("spec")) or not isinstance(function, ALIKE_FOR_TIES)


def _columns(expressions: list[exp.Expression]) -> frozenset[str]:
    return frozenset(column.name for each in expressions for column in each.find_all(exp.Column))
