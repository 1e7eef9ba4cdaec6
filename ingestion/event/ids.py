"""What may name an event, a device or a person, and the one spelling of a UUID."""

import re

_UUID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)
_NOBODY = frozenset({"", "null", "undefined", "none", "nan", "[object object]", "00000000-0000-0000-0000-000000000000"})
"""What broken clients send when there is no id; taken as an id it would join strangers."""


def normalise(value: str) -> str | None:
    """Write a UUID in lower case and without braces, leave any other id as it is; None for what is no id."""
    bare = value.strip().lower()
    if bare in _NOBODY:
        return None
    if (bare != value or value[0] == "{") and (uuid := _UUID.fullmatch(value)):
        return uuid[1].lower()
    return value
