"""The simulator's truth beside the rows of marts, both in one plain form."""

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal


def differences(truth: dict[str, list[dict]], marts: dict[str, list[dict]]) -> dict[str, dict[str, list[str]]]:
    """Of each mart in which the truth's columns differ, the rows that are missing and those that should not be there."""
    # The truth calls a session by its first event.
    names = {row["session_id"]: row["first_event_id"] for row in marts["sessions"]}
    found = {}
    for mart, expected in truth.items():
        reported = [
            {column: names.get(row[column], row[column]) if column.endswith("_id") else row[column] for column in known}
            for known in [list(expected[0])]
            for row in marts[mart]
        ]
        true, there = counted(expected), counted(reported)
        if true != there:
            found[mart] = {"missing": list((true - there).elements()), "wrong": list((there - true).elements())}
    return found


def counted(made: list[dict]) -> Counter[str]:
    """Rows as texts that are equal where the rows are."""
    return Counter(json.dumps(plain(row), sort_keys=True) for row in made)


def plain(value):
    """A value as the truth writes it: moments in milliseconds, days as text, every number a float."""
    if isinstance(value, dict):
        return {name: plain(within) for name, within in value.items()}
    if isinstance(value, list | tuple):
        return [plain(within) for within in value]
    if isinstance(value, datetime):
        return float(round(value.timestamp() * 1000))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return float(value)
    return value
