"""The limits of an event's free properties: 8 KiB, eight levels, a hundred keys, numbers a database can hold.

Bytes are counted before they are parsed: for nearly every event, counting is enough.
"""

import json
import re
from typing import Any

MAX_BYTES = 8 * 1024
MAX_DEPTH = 8
MAX_KEYS = 100
_INT64 = range(-(2**63), 2**63)
_PERHAPS_TOO_GREAT = re.compile(rb"[0-9](?:[0-9]{18}|[eE][+-]?[0-9]{3})")


class _OutOfRangeError(Exception):
    """A number that neither int64 nor float64 can hold."""


def find_fault(properties: bytes) -> str | None:
    """Return the reason to refuse these properties (well-formed JSON), or None."""
    if not properties.startswith(b"{"):
        return "invalid_field"
    if len(properties) > MAX_BYTES:
        return "too_large"
    brackets = properties.count(b"{") + properties.count(b"[")
    if brackets <= MAX_DEPTH and properties.count(b":") <= MAX_KEYS and not _PERHAPS_TOO_GREAT.search(properties):
        return None
    return _measure(properties)


def _measure(properties: bytes) -> str | None:
    keys = 0

    def count(pairs: list[tuple[str, Any]]) -> list[Any]:
        nonlocal keys
        keys += len(pairs)
        return [value for _, value in pairs]

    try:
        content = json.loads(properties, object_pairs_hook=count, parse_int=_check_int, parse_float=_check_float)
    except _OutOfRangeError:
        return "number_out_of_range"
    except RecursionError:
        return "too_deep"
    if keys > MAX_KEYS:
        return "too_many_keys"
    return "too_deep" if _depth(content) > MAX_DEPTH else None


def _check_int(digits: str) -> None:
    if len(digits) > 20 or int(digits) not in _INT64:
        raise _OutOfRangeError


def _check_float(digits: str) -> None:
    value = float(digits)
    vanished = value == 0 and any(digit in "123456789" for digit in digits.lower().partition("e")[0])
    if vanished or value in (float("inf"), float("-inf")):
        raise _OutOfRangeError


def _depth(content: object) -> int:
    depth, level = 0, [content]
    while containers := [item for item in level if isinstance(item, list)]:
        depth += 1
        level = [item for container in containers for item in container]
    return depth
