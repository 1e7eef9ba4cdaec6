"""Read GA4's table of sources and their categories, as its help article offers it. Writes nothing."""

import re

LEAST_SOURCES = 600
"""The table had 819 in 2026. Far fewer mean that it was not read whole."""
_ROW = re.compile(r'\s*"?(.+?)"?(?:\s+|,\s*)"?SOURCE_CATEGORY_([A-Z]+)"?\s*')
_CATEGORIES = ("search", "shopping", "social", "video")


class TableError(Exception):
    """Why the table is not believed."""


def read_table(text: str) -> dict[str, str]:
    """Return source → category, both in small letters.

    Raises:
        TableError: a row cannot be read, names another category, contradicts one before it, or most rows are missing.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if "SOURCE_CATEGORY_" not in line:
            continue
        row = _ROW.fullmatch(line)
        if row is None or row[2].lower() not in _CATEGORIES:
            raise TableError(f"not a source and its category: {line.strip()!r}")
        name, category = row[1].lower(), row[2].lower()
        if found.setdefault(name, category) != category:
            raise TableError(f"{name} is {found[name]} and {category}")
    if len(found) < LEAST_SOURCES:
        raise TableError(f"only {len(found)} sources, where {LEAST_SOURCES} or more are expected")
    return found
