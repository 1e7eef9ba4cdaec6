"""Rows as JSON, CSV or NDJSON, the same for programs at the terminal and over HTTP. Pure."""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from runtime.display import CsvWriter

_JSON = msgspec.json.Encoder(decimal_format="number")


class Format(StrEnum):
    """The formats by their names in `?format=`."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


def written(
    form: Format,
    body: dict[str, Any],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    for_spreadsheet: bool = False,
) -> bytes:
    """Return the answer in this format: in JSON the body, in the others rows alone.

    CSV for a spreadsheet has no text that one would execute; numbers and dates stay what they are.
    """
    if form is Format.CSV:
        return _csv(columns, rows, for_spreadsheet)
    if form is Format.NDJSON:
        return b"".join(_JSON.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
    return _JSON.encode(body)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]], for_spreadsheet: bool) -> bytes:
    """Write values as they are: a program reads them. Null is an empty field, JSON is JSON."""
    out = io.StringIO()
    if for_spreadsheet:
        people = CsvWriter(out)
        for row in (columns, *rows):
            people.writerow(row)
    else:
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
