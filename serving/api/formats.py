"""The formats over HTTP: their media types, and which of them a request asks for. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from footfall.answers.export import ExportFormat
from footfall.answers.formats import Format

_Form = TypeVar("_Form", bound=StrEnum)

MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.NDJSON: "application/x-ndjson",
}
EXPORTED = {
    ExportFormat.CSV: MEDIA_TYPES[Format.CSV],
    ExportFormat.NDJSON: MEDIA_TYPES[Format.NDJSON],
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
CHARSETS: dict[str, str] = {Format.CSV: "; charset=utf-8; header=present"}


def accepted(header: str, offered: Mapping[_Form, str]) -> _Form | None:
    """Return the format that an `Accept` header likes best, without one the first; None if it takes none of these."""
    if not header.strip():
        return next(iter(offered))
    best: tuple[float, int, _Form] | None = None
    for part in header.split(","):
        kind, *given = (piece.strip() for piece in part.lower().split(";"))
        quality = next((_quality(each[2:]) for each in given if each.startswith("q=")), 1.0)
        for rank, (form, media) in enumerate(offered.items()):
            fits = kind in (media, f"{media.partition('/')[0]}/*", "*/*")
            if fits and quality > 0 and (best is None or (quality, -rank) > best[:2]):
                best = (quality, -rank, form)
    return best[2] if best else None


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
