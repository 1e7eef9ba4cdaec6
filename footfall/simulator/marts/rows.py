"""What the rows of all marts are made with: grouping, money, medians. Knows no mart."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

Row = dict[str, Any]
T = TypeVar("T")


def grouped(things: Iterable[T], key: Callable[[T], tuple[Any, ...]]) -> list[tuple[tuple[Any, ...], list[T]]]:
    """Put together what has the same key, in the order met."""
    groups: dict[tuple[Any, ...], list[T]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return list(groups.items())


def rounded(value: Decimal | int, divisor: int, decimals: int = 2) -> Decimal:
    """Divide, halves away from zero."""
    return (Decimal(value) / divisor).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def revenue(orders: Iterable[Row]) -> dict[str, Decimal] | None:
    """Sum amounts, of each currency its own; None where nothing was sold."""
    sums: dict[str, Decimal] = {}
    for order in orders:
        if order["currency"]:
            sums[order["currency"]] = sums.get(order["currency"], Decimal()) + order["amount"]
    return sums or None


def last_named(rows: Iterable[Row], column: str) -> Any:
    """Return the last value that is given; None where none is."""
    given = [row[column] for row in rows if row[column] is not None]
    return given[-1] if given else None
