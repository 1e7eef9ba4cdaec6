"""The collector's requests and answers as an OpenAPI document, made from the types and refusals in the code."""

from functools import cache
from typing import Any

import msgspec
from msgspec import structs

from ingestion.collector.http.answer import REFUSALS
from ingestion.collector.session_end import REASONS
from ingestion.event.batch import MAX_EVENTS
from ingestion.event.client_event import ClientEvent

_SCHEMA = "#/components/schemas/{name}"
_JSON = "application/json"


@cache
def document() -> dict[str, Any]:
    """Make the document. Unknown fields are ignored; an event that breaks a rule is rejected alone.

    Returns:
        The document as JSON holds it.
    """
    event = msgspec.json.schema(_described())["$defs"]["ClientEvent"]
    event["properties"]["properties"] = {"type": ["object", "null"], "default": {}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Footfall collector", "version": "1"},
        "paths": {
            "/v1/events": {"post": _post("Land events.", "Batch")},
            "/v1/sessions/end": {"post": _post("End a session; a second request changes nothing.", "SessionEnd")},
            "/healthz": {"get": _page("Whether events can be landed.", 200, 503)},
            "/readyz": {"get": _page("Whether events are taken.", 200, 503)},
            "/metrics": {"get": _page("Counters for Prometheus.", 200)},
            "/tracker.js": {"get": _page("The tracker.", 200)},
            "/tracker.core.js": {"get": _page("The tracker without what it watches by itself.", 200)},
            "/tracker.vitals.js": {"get": _page("The tracker's web vitals; it loads them itself.", 200)},
            "/openapi.json": {"get": _page("This document.", 200)},
        },
        "components": {
            "schemas": {"ClientEvent": event, "Batch": _batch(), "SessionEnd": _session_end(), "Refusal": _refusal()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "keyInQuery": {"type": "apiKey", "in": "query", "name": "key"},
            },
        },
    }


def _described() -> type[msgspec.Struct]:
    """Return the type of a client's event without its properties: msgspec has no schema for raw bytes."""
    fields = [field for field in structs.fields(ClientEvent) if field.name != "properties"]
    return msgspec.defstruct(
        "ClientEvent", [(f.name, f.type) if f.required else (f.name, f.type, f.default) for f in fields]
    )


def _post(summary: str, body: str) -> dict[str, Any]:
    refusals = {str(status): _refused(status) for status, _ in sorted(REFUSALS.values())}
    content = {"schema": {"$ref": _SCHEMA.format(name=body)}}
    return {
        "summary": summary,
        "security": [{"key": []}, {"keyInQuery": []}],
        "parameters": [_header("DNT"), _header("Sec-GPC")],
        "requestBody": {"required": True, "content": {_JSON: content, "text/plain": content}},
        "responses": {"202": _answer("The events are on disk, except those listed under `errors`.", _acknowledgement())}
        | refusals,
    }


def _batch() -> dict[str, Any]:
    events = {"type": "array", "maxItems": MAX_EVENTS, "items": {"$ref": _SCHEMA.format(name="ClientEvent")}}
    return {
        "type": "object",
        "required": ["events"],
        "properties": {
            "events": events,
            "sent_at": {"type": ["string", "null"], "format": "date-time"},
            "consent": {"type": "boolean", "default": True},
        },
    }


def _session_end() -> dict[str, Any]:
    event = f"{_SCHEMA.format(name='ClientEvent')}/properties"
    moment = {"type": ["string", "null"], "format": "date-time"}
    said = {
        "reason": {"enum": [*REASONS, None], "default": REASONS[0]},
        "ended_at": moment,
        "sent_at": moment,
        "consent": {"type": "boolean", "default": True},
    }
    who = {name: {"$ref": f"{event}/{name}"} for name in ("anonymous_id", "user_id")}
    return {"type": "object", "properties": who | said}


def _acknowledgement() -> dict[str, Any]:
    text = {"type": ["string", "null"]}
    error = {"index": {"type": "integer"}, "reason": {"type": "string"}, "field": text}
    count = {"type": "integer", "minimum": 0}
    errors = {"type": "array", "items": {"type": "object", "properties": error}}
    return {"type": "object", "properties": {"accepted": count, "rejected": count, "errors": errors}}


def _refusal() -> dict[str, Any]:
    error = {"type": "string", "enum": sorted(REFUSALS)}
    return {"type": "object", "properties": {"error": error, "message": {"type": "string"}}}


def _refused(status: int) -> dict[str, Any]:
    why = " ".join(f"`{code}`: {message}" for code, (each, message) in REFUSALS.items() if each == status)
    return _answer(why, {"$ref": _SCHEMA.format(name="Refusal")})


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": schema}}}


def _page(summary: str, *statuses: int) -> dict[str, Any]:
    return {"summary": summary, "responses": {str(status): {"description": summary} for status in statuses}}


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
