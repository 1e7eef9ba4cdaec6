"""Turn a landed event into a row of raw.events, all values as texts. Touches no network and no database."""

from datetime import date, datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from ingestion.event.validate import LandedEvent
from ingestion.load.copy_text import array
from ingestion.load.geoip import Place
from ingestion.load.user_agents import user_agent_id

Row: TypeAlias = tuple[str | None, ...]
"""Values in the order of COLUMNS, as the database reads them."""

COLUMNS = (
    *("site_id", "event_date", "occurred_at", "received_at", "event_id", "event_name", "event_category"),
    *("anonymous_id", "user_id", "client_session_id", "client_timestamp", "page_url", "page_title", "referrer"),
    *("page_type", "page_identifier", "screen_width", "screen_height", "user_agent_id", "ip"),
    *("country_code", "city", "properties", "flags", "context", "contact_hash", "collector_id", "file_id"),
    *("line_number", "sequence", "is_counted", "page_view_id", "page_host", "language"),
)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day in the site's timezone."""
    return moment.astimezone(zone).date()


def make_row(
    event: LandedEvent, day: date, place: Place, contact_hash: str | None, file_id: int, line_number: int
) -> Row:
    """Make the event's row. msgspec formats a time in an eighth of isoformat's time.

    Returns:
        Values in the order of COLUMNS, as texts.
    """
    return (
        event.site_id,
        day.isoformat(),
        to_builtins(event.occurred_at),
        to_builtins(event.received_at),
        event.event_id,
        event.event_name,
        event.event_category,
        event.anonymous_id,
        event.user_id,
        event.session_id,
        to_builtins(event.client_timestamp),
        event.page_url,
        event.page_title,
        event.referrer,
        event.page_type,
        event.page_identifier,
        None if event.screen_width is None else str(event.screen_width),
        None if event.screen_height is None else str(event.screen_height),
        agent_id(event.user_agent),
        event.ip,
        place.country_code,
        place.city,
        str(event.properties, "utf-8"),
        array(event.flags),
        event.context,
        contact_hash,
        event.collector_id,
        str(file_id),
        str(line_number),
        None if event.sequence is None else str(event.sequence),
        "t" if event.is_counted else None,
        event.page_view_id,
        event.page_host,
        event.language,
    )


@lru_cache(maxsize=10_000)
def agent_id(user_agent: str | None) -> str | None:
    """Return the key of a user agent in raw.user_agents."""
    return str(user_agent_id(user_agent)) if user_agent else None
