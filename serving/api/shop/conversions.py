"""How anonymous visitors become users."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from serving.api.answer import Rows
from serving.api.described import responses
from serving.api.exchange import Asking
from serving.api.routes.period import Days
from serving.api.shop.part import Limit, Page, Paged, Part, answer, asked

router = APIRouter(prefix="/v1/sites/{site}/conversions")


class Conversion(BaseModel):
    """A visitor who signed in for the first time, and what came before."""

    user_id: str
    visitor_id: str
    converted_at: datetime
    landing_page: str | None
    referrer: str | None
    channel: str
    source: str
    medium: str
    campaign: str | None
    anonymous_session_count: int
    anonymous_page_view_count: int
    anonymous_seconds: int


class Before(BaseModel):
    """What visitors look at before they convert, on average."""

    conversion_count: int
    avg_page_view_count: float
    median_page_view_count: float
    avg_session_count: float
    avg_seconds: float


class Source(BaseModel):
    """A source of first sessions, and how well it converts."""

    first_channel: str
    first_source: str
    first_medium: str
    visitor_count: int
    conversion_count: int
    conversion_percent: float


class LandingPage(BaseModel):
    """A landing page of first sessions, and how well it converts."""

    first_landing_page: str | None
    visitor_count: int
    conversion_count: int
    conversion_percent: float


class Side(BaseModel):
    """Sessions, or parts of them, signed in or anonymous."""

    is_anonymous: bool
    session_count: int
    avg_session_seconds: float
    avg_page_view_count: float
    engaged_percent: float


class Conversions(Paged):
    """The conversions, the newest first."""

    conversions: list[Conversion]
    before: Before | None
    """Null: there was none."""
    sources: list[Source]
    landing_pages: list[LandingPage]
    sessions: list[Side]


@router.get("", response_class=Response, responses=responses(Conversions), summary="How visitors become users.")
async def conversions(asking: Asking, days: Days, page: Page = 1, limit: Limit = 20) -> Response:
    """Answer who signed in for the first time, what came before, and what converts best."""
    all_of_them = asked(asking, days, limit=limit)

    def before(found: Sequence[Rows]) -> dict[str, Any]:
        return {"before": next(iter(found[1].named()), None)}

    return await answer(
        asking,
        Part("conversions", "conversions", Conversion, asked(asking, days, page, limit)),
        Part("before", "pages_before_conversion", Before, all_of_them),
        Part("sources", "converting_sources", Source, all_of_them),
        Part("landing_pages", "converting_landing_pages", LandingPage, all_of_them),
        Part("sessions", "signed_in_and_anonymous", Side, all_of_them),
        also=before,
    )
