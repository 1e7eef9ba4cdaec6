"""Which ids of events, devices, users and sessions name something, and the one spelling of each."""

import re
from typing import Final

_UUID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)

_NIL_UUID: Final = "00000000-0000-0000-0000-000000000000"
NO_ID: Final = frozenset(("", "null", "(null)", "<null>", "undefined", "none", "nil", "nan", _NIL_UUID))
"""Texts in small letters that broken clients send instead of an id. Taken as one, they would join strangers."""
NO_USER: Final = NO_ID.union(
    (
        *("0", "-1", "-", "false", "true", "n/a", "not set", "(not set)", "unknown"),
        *("anonymous", "anonymoususer", "anonymous_user", "anon", "guest", "not_authenticated", "unauthenticated"),
        *("not_logged_in", "logged_out", "id", "user_id", "userid", "distinct_id", "distinctid", "email"),
    )
)
"""The same, and texts that clients send as the user where there is none. docs/events.md lists them all."""
_OBJECT: Final = "[object "
"""Start of the text that JavaScript makes of an object."""


def normalise(value: str | int | None, none: frozenset[str] = NO_ID) -> str | None:
    """Write a UUID in lower case and without braces, a number as text; leave any other id.

    Returns:
        The id; None for what is no id: one of the texts `none`, or the text of an object.
    """
    if value is None:
        return None
    if isinstance(value, int):
        value = str(value)
    bare = value.strip().lower()
    if bare in none or bare[:8] == _OBJECT:
        return None
    if (bare != value or value[0] == "{") and (uuid := _UUID.fullmatch(value)):
        return uuid[1].lower()
    return value
