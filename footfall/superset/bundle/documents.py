"""The files of a bundle: what a document is, and its id, which is the same each time. Knows no content."""

import uuid
from collections.abc import Mapping
from typing import Any

import yaml

Document = dict[str, Any]
VERSION = "1.0.0"
"""Of Superset's format of import."""
_OURS = uuid.UUID("6f6f7466-616c-6c00-b1b1-000000000022")


def id_of(kind: str, name: str) -> str:
    """Return the id of a document, by which a later import replaces it."""
    return str(uuid.uuid5(_OURS, f"{kind}/{name}"))


def label_of(name: str) -> str:
    """Return a column's name as people read it: `page_view_count` is "Page view count"."""
    return name.replace("_", " ").capitalize()


def written(documents: Mapping[str, Document]) -> dict[str, str]:
    """Write documents as YAML.

    Returns:
        Path in the bundle → text.
    """
    return {
        path: yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
        for path, document in documents.items()
    }
