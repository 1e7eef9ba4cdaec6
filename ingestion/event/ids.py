"""Valid ids of events, devices and users, and the one spelling of a UUID."""

import re

_UUID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)
_NOBODY = frozenset({"", "null", "undefined", "none", "nan", "[object object]", "00000000-0000-0000-0000-000000000000"})
"""Texts that broken clients send instead of an id. Taken as an id, they would join strangers."""


def normalise(value: str) -> str | None:
    """Write a UUID in lower case and without braces, leave any other id as it is; None for what is no id."""
    bare = value.strip().lower()
    if bare in _NOBODY:
        return None
    if (bare != value or value[0] == "{") and (uuid := _UUID.fullmatch(value)):
        return uuid[1].lower()
    return value
