"""The visitors of a community, now and day by day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from serving.api.answer import Rows
from serving.api.described import responses
from serving.api.exchange import Asking
from serving.api.routes.period import Days
from serving.api.routes.questions import MOST_ID, NO_NULL
from serving.api.shop.part import Limit, Page, Paged, Part, answer

router = APIRouter(prefix="/v1/sites/{site}/communities")


class Visitors(BaseModel):
    """The visitors of the last 5 minutes."""

    visitor_count: int = 0
    signed_in_count: int = 0
    anonymous_count: int = 0
    signed_in_percent: float | None = None
    """Null: no visitor is there."""
    anonymous_percent: float | None = None
    cross_division_count: int = 0
    page_view_count: int = 0
    last_update_at: datetime | None = None


class Day(BaseModel):
    """A day of the community."""

    event_date: date
    visit_count: int
    visitor_count: int
    signed_in_visitor_count: int
    anonymous_visitor_count: int
    signed_in_percent: float
    cross_division_visit_count: int
    cross_division_visitor_count: int


class OneCommunity(Paged):
    """A community: its visitors now, and its days, the newest first. All are zero where none visits it."""

    community_id: str
    visitors: Visitors
    days: list[Day]


@router.get(
    "/{community:path}/visitors",
    response_class=Response,
    responses=responses(OneCommunity),
    summary="The visitors of a community.",
)
async def visitors(
    asking: Asking,
    community: Annotated[str, Path(description="The community.", min_length=1, max_length=MOST_ID, pattern=NO_NULL)],
    days: Days,
    page: Page = 1,
    limit: Limit = 30,
) -> Response:
    """Answer who visits a community now, and who did on which day. CSV and NDJSON hold the days."""
    given = days.parameters(asking.site, rows=limit, page=page, community=community)

    def now(found: Sequence[Rows]) -> dict[str, Any]:
        here = found[1].named()
        return {"community_id": community, "visitors": here[0] if here else Visitors().model_dump()}

    return await answer(
        asking,
        Part("days", "daily_communities", Day, given),
        Part("visitors", "live_communities", Visitors, given),
        also=now,
    )
