"""Where the marts of a database hold something else than the oracle says."""

from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from tests.support.database import rows
from tests.support.oracle.marts import EXCEPTIONS, marts
from warehouse.goals.funnels import list_funnels
from warehouse.goals.goals import list_goals

SHOWN = 10


def differences(installation, events, zones) -> str:
    """Each mart, row and column that differs, the first ten written out; empty where all are equal."""
    contact_key, visitor_key = installation.settings.contact_key, installation.settings.visitor_key
    declared = rows(installation.engine, "select site_id, event_name, property from ops.declared_properties")
    with installation.engine.connect() as connection:
        wanted = list_goals(connection), list_funnels(connection)
    keys = [key.read_bytes() if key.exists() else b"" for key in (contact_key, visitor_key)]
    expected = marts(events, zones, *keys, set(declared), *wanted)
    inspector = inspect(installation.engine)
    lines = [
        f"{name}: expected as a mart: {name in expected}"
        for name in sorted(expected.keys() ^ set(inspector.get_table_names("marts")))
    ]
    for mart in sorted(expected):
        keys = inspector.get_pk_constraint(mart, "marts")["constrained_columns"]
        lines += differing(mart, keys, expected[mart], published(installation, mart))
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join(lines[:SHOWN] + more)


def published(installation, mart) -> list[dict]:
    """The rows of a mart, as dicts of all columns but the exceptions."""
    columns = [column["name"] for column in inspect(installation.engine).get_columns(mart, "marts")]
    reported = [column for column in columns if (mart, column) not in EXCEPTIONS]
    return [
        dict(zip(reported, row, strict=True))
        for row in rows(installation.engine, f"select {', '.join(reported)} from marts.{mart}")
    ]


def differing(mart, keys, expected, found) -> list[str]:
    """A line for each row that only one of the two has, and for each column in which rows of one key differ."""
    expected_rows, found_rows = _by_key(keys, expected), _by_key(keys, found)
    lines = [] if len(expected_rows) == len(expected) else [f"{mart}: the oracle has two rows of one key"]
    for key in sorted(expected_rows.keys() | found_rows.keys(), key=str):
        where = f"{mart} ({', '.join(f'{name}={value}' for name, value in zip(keys, key, strict=True))})"
        if key not in found_rows or key not in expected_rows:
            lines.append(f"{where}: {'found, not expected' if key in found_rows else 'expected, not found'}")
            continue
        one, other = expected_rows[key], found_rows[key]
        lines += [
            f"{where}: {name}: expected {one.get(name, 'no such column')!r}, found {other.get(name, 'no such column')!r}"
            for name in sorted(one.keys() | other.keys())
            if name not in one or name not in other or one[name] != other[name]
        ]
    return lines


def _by_key(keys, found) -> dict[tuple, dict]:
    return {tuple(row[key] for key in keys): {column: _plain(value) for column, value in row.items()} for row in found}


def _plain(value: Any) -> Any:
    """JSON's numbers as exact as they are written."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return Decimal(str(value)) if isinstance(value, float) else value
