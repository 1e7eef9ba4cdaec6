"""Rows as JSON, CSV or NDJSON, and which of them a request asks for. Pure."""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

_JSON = msgspec.json.Encoder(decimal_format="number")


class Format(StrEnum):
    """The formats by their names in `?format=`."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.NDJSON: "application/x-ndjson",
}
CHARSETS = {Format.CSV: "; charset=utf-8; header=present"}


def accepted(header: str) -> Format | None:
    """Return the format that an `Accept` header likes best; None if it takes none of ours."""
    if not header.strip():
        return Format.JSON
    best: tuple[float, int, Format] | None = None
    for part in header.split(","):
        kind, *given = (piece.strip() for piece in part.lower().split(";"))
        quality = next((_quality(each[2:]) for each in given if each.startswith("q=")), 1.0)
        for rank, (form, media) in enumerate(MEDIA_TYPES.items()):
            fits = kind in (media, f"{media.partition('/')[0]}/*", "*/*")
            if fits and quality > 0 and (best is None or (quality, -rank) > best[:2]):
                best = (quality, -rank, form)
    return best[2] if best else None


def written(form: Format, body: dict[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return the answer in this format: in JSON the body, in the others rows alone."""
    if form is Format.CSV:
        return _csv(columns, rows)
    if form is Format.NDJSON:
        return b"".join(_JSON.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
    return _JSON.encode(body)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Write values as they are: a program reads them. Null is an empty field, JSON is JSON."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_field(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _field(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    encoded = _JSON.encode(value).decode()
    # Dates and times are texts in JSON, without quotes here.
    return msgspec.json.decode(encoded) if encoded.startswith('"') else encoded


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
