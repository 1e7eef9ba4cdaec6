"""What the tables of sums have in common: groups, sums per currency, ranks, shares. Robots are left out of all of them."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

TOP = 10


def by(rows, *columns):
    """(values of the columns, rows) of each group of rows that agree on them, without robots' rows."""
    groups = defaultdict(list)
    for row in rows:
        if not row.get("is_bot"):
            groups[tuple(row[column] for column in columns)].append(row)
    return list(groups.items())


def distinct(rows, column):
    """How many different values a column has."""
    return len({row[column] for row in rows})


def total(rows, column):
    """The sum of a column."""
    return sum(row[column] for row in rows)


def share(whole, parts, step="0.01"):
    """A mean, percentage or share, rounded to steps: by default to two decimals."""
    return (Decimal(whole) / parts).quantize(Decimal(step), ROUND_HALF_UP)


def revenue(orders):
    """The sums of amounts per currency; None where no order has one."""
    sums: dict = defaultdict(Decimal)
    for order in orders:
        if order["currency"]:
            sums[order["currency"]] += order["amount"]
    return dict(sums) or None


def ranked(names):
    """Names with how often they occur, the most frequent first and ties in order of the name; without None."""
    return sorted(Counter(name for name in names if name is not None).items(), key=lambda pair: (-pair[1], pair[0]))


def top(names):
    """The most frequent names as JSON; None where there are none."""
    return [{"name": name, "count": found} for name, found in ranked(names)[:TOP]] or None
