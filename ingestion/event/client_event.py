"""An event as a client sends it: its fields, their types and how long they may be. Unknown fields are ignored."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct

from ingestion.event.standard_events import Category

Context = Literal["browser", "app", "server"]
BROWSER: Final[Context] = "browser"
"""Where an event comes from unless it says otherwise."""

NO_PROPERTIES: Final = Raw(b"{}")

Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Id = Annotated[str, Meta(max_length=128)] | Number
ScreenLength = Annotated[int, Meta(ge=1, le=32767)]
Sequence = Annotated[int, Meta(ge=0, lt=2**53)]
"""No client counts further: a browser has no greater whole numbers."""
Moment = Annotated[datetime, Meta(tz=True)]


class ClientEvent(Struct, frozen=True, gc=False):
    """The fields of one element of `events`."""

    event_name: Annotated[str, Meta(max_length=64)]
    client_timestamp: Moment
    event_id: Annotated[str, Meta(max_length=64)] | Number | None = None
    event_category: Category | None = None
    anonymous_id: Id | None = None
    user_id: Id | None = None
    session_id: Id | None = None
    page_url: str | None = None
    page_title: str | None = None
    referrer: str | None = None
    page_type: Annotated[str, Meta(max_length=64)] | None = None
    page_identifier: Annotated[str, Meta(max_length=256)] | None = None
    screen_width: ScreenLength | None = None
    screen_height: ScreenLength | None = None
    properties: Raw = NO_PROPERTIES
    context: Context | None = None
    client_ip: str | None = None
    client_user_agent: str | None = None
    sequence: Sequence | None = None
    page_view_id: Annotated[str, Meta(max_length=64)] | Number | None = None
    page_host: str | None = None
    language: str | None = None
