"""What an answer holds: columns once, rows as lists, values as plain JSON. Text from outside is escaped. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from runtime.display import shown

MOST_BYTES = 100_000
"""Of the rows of one answer, as JSON: an assistant reads all of it."""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[dict[str, Any], bool]:
    """Return columns and as many rows as fit.

    Returns:
        The part of an answer, and whether all rows are in it.
    """
    fitting: list[list[Any]] = []
    size = 0
    for row in rows:
        made = [plain(value) for value in row]
        size += len(msgspec.json.encode(made))
        if size > MOST_BYTES:
            return {"columns": [*map(shown, columns)], "rows": fitting}, False
        fitting.append(made)
    return {"columns": [*map(shown, columns)], "rows": fitting}, True


def plain(value: Any) -> Any:
    """Return a value of the database as JSON has it. Of a text, what acts or is not seen is escaped."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal | float):
        return _number(value)
    if isinstance(value, dict):
        return {shown(str(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, str):
        return shown(value)
    made = msgspec.to_builtins(value, enc_hook=str)
    return shown(made) if isinstance(made, str) else made


def _number(value: Decimal | float) -> int | float | str:
    """Return the number exactly: as text where JSON's numbers, as most programs read them, cannot hold it."""
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite():
        return str(value)
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if Decimal(repr(float(exact))) == exact else str(exact)
