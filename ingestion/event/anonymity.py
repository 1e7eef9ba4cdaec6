"""What is kept of an event of a visitor who asked not to be tracked: a page view that names no person."""

import hashlib
from typing import Final

from msgspec import Raw, structs

from ingestion.event.client_event import ClientEvent

KEPT_EVENT: Final = "page_viewed"
"""All other events are about a person, or are of no use without one."""
_KEPT_PARAMETERS: Final = "utm_"


def without_person(given: ClientEvent) -> ClientEvent:
    """Drop ids, properties, screen, language, IP, and parameters of addresses but utm_…: click ids name a person."""
    return structs.replace(
        given,
        anonymous_id=None,
        user_id=None,
        session_id=None,
        screen_width=None,
        screen_height=None,
        sequence=None,
        page_view_id=None,
        language=None,
        page_url=_without_parameters(given.page_url),
        referrer=_without_parameters(given.referrer),
        properties=Raw(b"{}"),
        client_ip=None,
    )


def pseudonym(site_id: str, event_id: str) -> str:
    """Return a device id for this event alone: the same if the event is sent again."""
    return f"private:{hashlib.sha256(f'{site_id}:{event_id}'.encode()).hexdigest()[:32]}"


def id_within_day(device: str, given: str) -> str:
    """Return an id of the client's, here of a page view, that joins only what one derived device did."""
    return hashlib.sha256(f"{device}:{given}".encode()).hexdigest()[:32]


def _without_parameters(url: str | None) -> str | None:
    if url is None:
        return None
    location, _, query = url.partition("#")[0].partition("?")
    remaining = "&".join(pair for pair in query.split("&") if pair.startswith(_KEPT_PARAMETERS))
    return f"{location}?{remaining}" if remaining else location
