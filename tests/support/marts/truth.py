"""The simulator's truth beside what is published, both in one plain form."""

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

from footfall.pipeline.installation import Installation
from tests.support.database import rows


def differences(installation: Installation, marts: dict[str, list[dict]]) -> dict[str, dict[str, list[str]]]:
    """Of each mart that differs, the rows that are missing and those that should not be there."""
    # The truth calls a session by its first event, a contact by its e-mail address.
    names = dict(rows(installation.engine, "select session_id, first_event_id from marts.sessions"))
    names |= dict(rows(installation.engine, "select contact_hash, email from ops.contact_vault"))
    found = {}
    for mart, expected in marts.items():
        columns = list(expected[0])
        published = [
            {column: names.get(value, value) if column.endswith(("_id", "_hash")) else value for column, value in named}
            for row in rows(installation.engine, f"select {', '.join(columns)} from marts.{mart}")
            for named in [zip(columns, row, strict=True)]
        ]
        true, there = counted(expected), counted(published)
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
