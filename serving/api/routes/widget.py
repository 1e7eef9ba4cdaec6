"""The seven answers of a chat widget's analytics, under the names that its clients read. A widget is a site.

Each number is that of a ready question; which column is which field, is all that stands here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from footfall.answers.questions import Parameters
from serving.api.answer import Fields, Rows
from serving.api.described import Known, responses
from serving.api.exchange import MOST_PAGES, Asking, AskingWithToday, Exchange
from serving.api.routes.period import Days, Period

router = APIRouter(prefix="/v1/sites/{site}")

Limit = Annotated[int, Query(ge=1, le=100, description="Largest number of rows.")]
Page = Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which part of a long answer.")]

_SUMMARY = {
    "session_count": "total_sessions",
    "visitor_count": "unique_visitors",
    "conversation_count": "total_conversations",
    "avg_session_seconds": "avg_session_duration_seconds",
    "conversation_percent": "conversion_rate",
}
_TRENDS = {
    "event_date": "stat_date",
    "session_count": "sessions",
    "conversation_count": "conversations",
    "message_count": "messages",
    "conversation_percent": "conversion_rate",
}
_TRAFFIC_SOURCES = {
    "utm_sources": ("utm_sources", {"utm_source": "source", "session_count": "count"}),
    "referrers": ("referrers", {"referrer_host": "domain", "session_count": "count"}),
}
_DEVICES = {
    "devices": ("device_types", {"device_type": "type", "session_count": "count"}),
    "browsers": ("browsers", {"browser": "name", "session_count": "count"}),
    "operating_systems": ("operating_systems", {"os": "name", "session_count": "count"}),
}
"""Name of a list → its question, and the fields of its columns."""
_EVENTS = {"event_name": "event_name", "event_count": "event_count", "session_count": "unique_sessions"}


class OfDays(Known):
    """An answer about days."""

    period_days: int | None
    """How many days are asked for; null: all, or all on one side of a day."""


class Figures(BaseModel):
    """The days as a whole."""

    total_sessions: int
    unique_visitors: int | None
    """Null: sessions of these days are gone, and one of them was published before there were sketches."""
    total_conversations: int
    avg_session_duration_seconds: float | None
    """Null: there are no sessions."""
    conversion_rate: float | None
    """Share of sessions with a conversation, in per cent; null: there are no sessions."""


class Summary(OfDays):
    """The answer of `/summary`."""

    summary: Figures


class Trend(BaseModel):
    """A day with sessions."""

    stat_date: date
    sessions: int
    conversations: int
    messages: int
    conversion_rate: float
    """Share of sessions with a conversation, in per cent."""


class Trends(OfDays):
    """The answer of `/trends`."""

    trends: list[Trend]


class Event(BaseModel):
    """A name of events."""

    event_name: str
    event_count: int
    unique_sessions: int


class Events(OfDays):
    """The answer of `/events`."""

    page: int
    limit: int
    total: int
    events: list[Event]


class ActiveSession(BaseModel):
    """A session of the last 30 minutes."""

    visitor_id: str
    user_id: str | None
    started_at: datetime
    last_seen_at: datetime
    page_view_count: int
    page_path: str | None
    page_type: str | None
    page_identifier: str | None
    landing_page: str | None
    device_type: str | None


class Active(Known):
    """The answer of `/active`."""

    page: int
    limit: int
    total: int
    active_sessions: list[ActiveSession]


class Session(BaseModel):
    """A session."""

    session_id: str
    visitor_id: str
    user_id: str | None
    started_at: datetime
    ended_at: datetime
    duration_seconds: int
    page_view_count: int
    event_count: int
    is_engaged: bool
    landing_page: str | None
    exit_page: str | None
    channel: str | None
    source: str | None
    device_type: str | None
    browser: str | None
    os: str | None
    country_code: str | None
    city: str | None
    messages_sent_count: int
    messages_received_count: int
    end_cause: str


class Sessions(OfDays):
    """The answer of `/sessions`."""

    page: int
    limit: int
    total: int
    sessions: list[Session]


class UtmSource(BaseModel):
    """A tag utm_source, with its sessions."""

    source: str
    count: int


class Referrer(BaseModel):
    """A host that sessions come from, or `direct`."""

    domain: str
    count: int


class TrafficSources(OfDays):
    """The answer of `/traffic-sources`."""

    utm_sources: list[UtmSource]
    referrers: list[Referrer]


class DeviceType(BaseModel):
    """A type of device, with its sessions."""

    type: str
    count: int


class Named(BaseModel):
    """A browser or an operating system, with its sessions."""

    name: str
    count: int


class Devices(OfDays):
    """The answer of `/devices`."""

    devices: list[DeviceType]
    browsers: list[Named]
    operating_systems: list[Named]


def _as_they_are(model: type[BaseModel]) -> Fields:
    return {field: field for field in model.model_fields}


@router.get("/summary", response_class=Response, responses=responses(Summary))
async def summary(asking: AskingWithToday, days: Days) -> Response:
    """What the days brought as a whole."""

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        no_sessions = dict.fromkeys(_SUMMARY.values(), 0) | {
            "avg_session_duration_seconds": None,
            "conversion_rate": None,
        }
        [figures] = found[0].named() or [no_sessions]
        return about | {"period_days": days.number, "next": None, "summary": figures}

    return await asking.answer({"summary": days.parameters(asking.site)}, body, {"summary": _SUMMARY})


@router.get("/trends", response_class=Response, responses=responses(Trends))
async def trends(asking: AskingWithToday, days: Days) -> Response:
    """How the figures change from day to day. Days without sessions are left out."""
    return await _lists(asking, days, None, {"trends": ("daily_trends", _TRENDS)})


@router.get("/events", response_class=Response, responses=responses(Events))
async def events(asking: Asking, days: Days, page: Page = 1, limit: Limit = 20) -> Response:
    """Which events happen most, and in how many sessions."""
    return await _pages(asking, "events", "top_events", _EVENTS, days, page, limit)


@router.get("/active", response_class=Response, responses=responses(Active))
async def active(asking: Asking, page: Page = 1, limit: Limit = 20) -> Response:
    """Which sessions go on now, the last seen first."""
    return await _pages(asking, "active_sessions", "active_sessions", _as_they_are(ActiveSession), None, page, limit)


@router.get("/sessions", response_class=Response, responses=responses(Sessions))
async def sessions(asking: Asking, days: Days, page: Page = 1, limit: Limit = 20) -> Response:
    """The sessions, the newest first."""
    return await _pages(asking, "sessions", "recent_sessions", _as_they_are(Session), days, page, limit)


@router.get("/traffic-sources", response_class=Response, responses=responses(TrafficSources))
async def traffic_sources(asking: Asking, days: Days, limit: Limit = 20) -> Response:
    """Where sessions come from. CSV and NDJSON hold the utm sources."""
    return await _lists(asking, days, limit, _TRAFFIC_SOURCES)


@router.get("/devices", response_class=Response, responses=responses(Devices))
async def devices(asking: Asking, days: Days, limit: Limit = 20) -> Response:
    """Which devices, browsers and operating systems people use. CSV and NDJSON hold the devices."""
    return await _lists(asking, days, limit, _DEVICES)


async def _lists(
    asking: Exchange, days: Period, limit: int | None, lists: Mapping[str, tuple[str, Fields]]
) -> Response:
    """Answer with lists, each by its name: the question, and its fields. Without a limit it holds all rows."""
    given = days.parameters(asking.site, **({} if limit is None else {"rows": limit}))

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        named = {name: rows.named() for name, rows in zip(lists, found, strict=True)}
        return about | {"period_days": days.number, "next": None} | named

    return await asking.answer(dict.fromkeys((name for name, _ in lists.values()), given), body, dict(lists.values()))


async def _pages(
    asking: Exchange, name: str, question: str, fields: Fields, days: Period | None, page: int, limit: int
) -> Response:
    """Answer with one page of a question. Without days it is a live one."""
    given = (
        days.parameters(asking.site, rows=limit, page=page)
        if days
        else Parameters(site=asking.site, rows=limit, page=page)
    )

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        [rows] = found
        period = {"period_days": days.number} if days else {}
        paging = {"page": page, "limit": limit, "total": rows.total, "next": asking.after(given, rows)}
        return about | period | paging | {name: rows.named()}

    return await asking.answer({question: given}, body, {question: fields})
