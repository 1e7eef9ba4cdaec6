"""Events as clients send them and as they land. Loads nothing."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ingestion.event.reception import Reception
from ingestion.event.validate import encode_line, validate
from ingestion.landing.writer import SegmentWriter


class Landing:
    """Lands events as the collector would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def land(self, *events: dict[str, Any], site: str = "shop", user_agent: str | None = None) -> None:
        """Land one sealed segment. Fields may say `received_at` (default: a second later), `sent_at`, `user_agent`, `ip`."""
        with SegmentWriter(self.folder, "test") as writer:
            writer.append(b"".join(landed_line(dict(event), site, user_agent) for event in events))


def event(at: str | datetime, device: str = "d1", name: str = "page_viewed", **fields: Any) -> dict[str, Any]:
    """An event as a client would send it; `at` is its time, in UTC where it names no zone."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    made = {
        "event_id": str(uuid.uuid4()),
        "event_name": name,
        "anonymous_id": device,
        "client_timestamp": moment.isoformat(),
        "page_url": "https://shop.example/",
    }
    return made | fields


def landed_line(fields: dict[str, Any], site: str = "shop", user_agent: str | None = None) -> bytes:
    """The line of an event in the landing zone. It may be a server's."""
    moment = datetime.fromisoformat(fields["client_timestamp"])
    received_at = fields.pop("received_at", None) or moment + timedelta(seconds=1)
    user_agent, ip = fields.pop("user_agent", user_agent), fields.pop("ip", None)
    sent_at = fields.pop("sent_at", None)
    reception = Reception(site, received_at, "test", sent_at, user_agent=user_agent, ip=ip, stored_address=str)
    return encode_line(validate(msgspec.json.encode(fields), reception))
