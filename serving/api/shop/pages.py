"""The pages of a site, and the ways that people take through them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from serving.api.described import Answered, responses
from serving.api.exchange import AskingWithToday
from serving.api.routes.period import Days
from serving.api.shop.part import Limit, Page, Paged, Part, answer, asked

router = APIRouter(prefix="/v1/sites/{site}")


class Viewed(BaseModel):
    """A page, over all the days. Visitors do not add up over days: /pages/daily has them."""

    page_path: str
    page_view_count: int
    anonymous_page_view_count: int
    new_visitor_count: int | None
    avg_seconds: float
    entry_count: int
    exit_count: int
    bounce_count: int


class ViewedOnDay(BaseModel):
    """A page on one day."""

    event_date: date
    page_path: str
    page_view_count: int
    anonymous_page_view_count: int
    visitor_count: int
    new_visitor_count: int | None
    """Null: the day was published before this was counted."""
    returning_visitor_count: int | None
    session_count: int
    engaged_session_count: int
    page_view_seconds_total: int
    avg_seconds: float
    entry_count: int
    exit_count: int
    bounce_count: int


class Way(BaseModel):
    """The first five pages of sessions."""

    journey: str
    session_count: int
    engaged_percent: float


class Pages(Paged):
    """The pages, the most viewed first."""

    pages: list[Viewed]


class DailyPages(Paged):
    """The pages of each day, the newest day first."""

    pages: list[ViewedOnDay]


class Journeys(Answered):
    """The ways, the most frequent first."""

    journeys: list[Way]


@router.get("/pages", response_class=Response, responses=responses(Pages), summary="Pages.")
async def pages(
    asking: AskingWithToday,
    days: Days,
    sort_by: Annotated[
        Literal["page_views", "anonymous"], Query(description="By all page views, or those of anonymous visitors.")
    ] = "page_views",
    page: Page = 1,
    limit: Limit = 20,
) -> Response:
    """Answer which pages are viewed most, and for how long."""
    return await answer(asking, Part("pages", "popular_pages", Viewed, asked(asking, days, page, limit, sort_by)))


@router.get("/pages/daily", response_class=Response, responses=responses(DailyPages), summary="Pages, day by day.")
async def daily_pages(asking: AskingWithToday, days: Days, page: Page = 1, limit: Limit = 20) -> Response:
    """Answer who viewed which page on which day, and for how long."""
    return await answer(asking, Part("pages", "daily_pages", ViewedOnDay, asked(asking, days, page, limit)))


@router.get("/journeys", response_class=Response, responses=responses(Journeys), summary="Ways through the site.")
async def journeys(asking: AskingWithToday, days: Days, limit: Limit = 20) -> Response:
    """Answer which ways people take."""
    return await answer(asking, Part("journeys", "journeys", Way, asked(asking, days, limit=limit)), is_paged=False)
