"""What becomes of one event that a client sent, before it is written anywhere."""

import json
from datetime import UTC, datetime
from typing import Any

from ingestion.event.reception import Reception
from ingestion.event.validate import Landed, LandedEvent, LandedReject, validate

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "event_id": "e1",
    "event_name": "page_viewed",
    "anonymous_id": "device-1",
    "client_timestamp": "2026-11-20T11:59:00Z",
}


def reception(**given: Any) -> Reception:
    return Reception(**{"site_id": "shop", "received_at": NOW, "collector_id": "test-0"} | given)


def read(raw: bytes, **circumstances: Any) -> Landed:
    return validate(raw, reception(**circumstances))


def land(circumstances: dict[str, Any] | None = None, **fields: Any) -> Landed:
    return read(json.dumps(GOOD | fields).encode(), **circumstances or {})


def accepted(landed: Landed) -> LandedEvent:
    assert isinstance(landed, LandedEvent), landed
    return landed


def refused(landed: Landed) -> tuple[str, str | None]:
    assert isinstance(landed, LandedReject), landed
    return landed.reason, landed.field


def with_properties(text: str) -> Landed:
    return read(json.dumps(GOOD).encode()[:-1] + b',"properties":' + text.encode() + b"}")
