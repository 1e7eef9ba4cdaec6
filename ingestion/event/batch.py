"""Read a request body into events that are still raw JSON. Looks inside none of them."""

from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from ingestion.event.escapes import replace_lone_surrogates

MAX_EVENTS = 500


class BatchError(Exception):
    """Why a body is not a batch of events."""


class Batch(msgspec.Struct, frozen=True):
    """A client's post: its events, its clock when it sent them, and whether the person consents to tracking."""

    events: list[msgspec.Raw]
    sent_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    consent: bool = True


_DECODER = msgspec.json.Decoder(Batch)

_Body = TypeVar("_Body")


def read_batch(body: bytes) -> Batch:
    """Split a body into its events.

    Raises:
        BatchError: it is not UTF-8, not JSON, or not of the shape `{"sent_at": …, "events": […]}`.
    """
    return decode_body(_DECODER, body, '{"sent_at": …, "events": […]}')


def decode_body(decoder: msgspec.json.Decoder[_Body], body: bytes, shape: str) -> _Body:
    """Decode a body of that shape.

    Raises:
        BatchError: it is not UTF-8, not JSON, or not of that shape.
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BatchError(f"the body is not UTF-8 (byte {error.start})") from None
    try:
        return _decode(decoder, body)
    except msgspec.ValidationError as error:
        raise BatchError(f"the body is not of the shape {shape}: {error}") from None
    except msgspec.DecodeError as error:
        raise BatchError(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise BatchError("the body is nested too deeply") from None


def _decode(decoder: msgspec.json.Decoder[_Body], body: bytes) -> _Body:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        repaired = replace_lone_surrogates(body) if b"\\u" in body else body
        if repaired == body:
            raise
        return decoder.decode(repaired)
