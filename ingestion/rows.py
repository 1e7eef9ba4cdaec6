"""From a landed line to a row of raw.events. Touches no network and no database."""

import uuid
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from ingestion.event import LandedEvent
from ingestion.places import Place
from ingestion.user_agents import user_agent_id

Row: TypeAlias = tuple[Any, ...]
"""Values in the order of COLUMNS."""

COLUMNS = (
    *("site_id", "event_date", "occurred_at", "received_at", "event_id", "event_name", "event_category"),
    *("anonymous_id", "user_id", "client_session_id", "client_timestamp", "page_url", "page_title", "referrer"),
    *("page_type", "page_identifier", "screen_width", "screen_height", "user_agent_id", "ip"),
    *("country_code", "city", "properties", "flags", "contact_hash", "collector_id", "file_id", "line_number"),
)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The site's own calendar day."""
    return moment.astimezone(zone).date()


def make_row(
    event: LandedEvent, day: date, place: Place, contact_hash: str | None, file_id: int, line_number: int
) -> Row:
    """The event's values in the order of COLUMNS."""
    return (
        event.site_id,
        day,
        event.occurred_at,
        event.received_at,
        event.event_id,
        event.event_name,
        event.event_category,
        event.anonymous_id,
        event.user_id,
        event.session_id,
        event.client_timestamp,
        event.page_url,
        event.page_title,
        event.referrer,
        event.page_type,
        event.page_identifier,
        event.screen_width,
        event.screen_height,
        agent_id(event.user_agent),
        event.ip,
        place.country_code,
        place.city,
        bytes(event.properties).decode(),
        event.flags,
        contact_hash,
        event.collector_id,
        file_id,
        line_number,
    )


@lru_cache(maxsize=10_000)
def agent_id(user_agent: str | None) -> uuid.UUID | None:
    """Key into raw.user_agents."""
    return user_agent_id(user_agent) if user_agent else None
