"""What the OpenAPI document says of every route: the formats of its answers, and its refusals."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from serving.api.formats import EXPORTED, MEDIA_TYPES
from serving.api.problem import MEDIA_TYPE


class Answered(BaseModel):
    """What every answer says about itself."""

    site: str
    publication: int | None
    """The publication that is read; null: nothing is published."""
    as_of: datetime
    """When this was published; of live answers, now."""
    is_final: bool | None
    """Whether no day of it will change; null: unknown."""


class Known(Answered):
    """The same of an answer that may have more pages."""

    next: str | None
    """Where the next page is; null: this is the last."""


class Refused(BaseModel):
    """A problem document, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    parameter: str | None = None


_REFUSALS = {
    401: "The token is missing or not valid.",
    403: "The token reads no contacts, or it asks for a live stream and reads one user.",
    404: "There is no such site or question, or the token may not read the site.",
    406: "None of the accepted formats is there.",
    422: "A parameter does not fit; `parameter` names it.",
    429: "The token asks too much; `Retry-After` says when to ask again.",
    503: "The database does not answer; `Retry-After` says when to ask again.",
}


def exported() -> dict[int | str, dict[str, Any]]:
    """Return what a route answers that streams rows."""
    return {
        200: {
            "description": "The rows, of one publication from start to end. An answer that ends early is cut off.",
            "content": {media: {} for media in EXPORTED.values()},
        },
        **_refused(),
    }


def streamed() -> dict[int | str, dict[str, Any]]:
    """Return what a route answers that sends events as they come."""
    streams = {"description": "Server-sent events, until the client ends it.", "content": {"text/event-stream": {}}}
    return {200: streams, **_refused()}


def responses(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers: in JSON this model, in CSV and NDJSON rows alone."""
    return {
        200: {
            "model": model,
            "description": "The rows, with the publication that they are of. In CSV and NDJSON: the rows alone.",
            "content": {media: {} for media in MEDIA_TYPES.values()},
        },
        **_refused(),
    }


def _refused() -> dict[int | str, dict[str, Any]]:
    return {
        304: {"description": "The answer with the `ETag` of `If-None-Match` is still right."},
        **{
            status: {"description": text, "content": {MEDIA_TYPE: {"schema": Refused.model_json_schema()}}}
            for status, text in _REFUSALS.items()
        },
    }
