"""What goes on in a shop and its communities now."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from footfall.answers.questions import Parameters
from serving.api.described import Answered, responses
from serving.api.exchange import Asking
from serving.api.shop.communities import Visitors
from serving.api.shop.part import MOST_ROWS, Limit, Part, answer

router = APIRouter(prefix="/v1/sites/{site}/live")


class Area(BaseModel):
    """An area of the shop, an empty one too: homepage, category, offer, checkout, payment, payment_error."""

    area: str
    visitor_count: int
    last_update_at: datetime | None
    """Null: no visitor is there."""


class Place(BaseModel):
    """A page that visitors are on."""

    page_type: str
    page_identifier: str | None
    visitor_count: int
    signed_in_count: int
    anonymous_count: int
    last_update_at: datetime


class Buying(BaseModel):
    """A visitor with a checkout that is not done."""

    visitor_id: str
    user_id: str | None
    last_commerce_event: str
    has_payment_error: bool
    page_path: str | None
    page_type: str | None
    started_at: datetime
    last_update_at: datetime


class Failure(BaseModel):
    """A payment that failed in the last 24 hours."""

    event_id: str
    occurred_at: datetime
    user_id: str | None
    checkout_id: str | None
    error_code: str | None
    error_message: str | None
    amount: float | None
    currency: str | None
    payment_method: str | None
    device_type: str | None
    browser: str | None
    os: str | None
    is_retried: bool
    retried_at: datetime | None
    is_recovered: bool
    recovered_at: datetime | None


class Community(Visitors):
    """A community that was visited in the last 5 minutes."""

    community_id: str
    community_slug: str | None


class Live(Answered):
    """The last minutes, all of one moment."""

    areas: list[Area]
    pages: list[Place]
    checkouts: list[Buying]
    payment_errors: list[Failure]
    communities: list[Community]


@router.get("", response_class=Response, responses=responses(Live), summary="What goes on now.")
async def live(asking: Asking, limit: Limit = MOST_ROWS) -> Response:
    """Answer who is where now. CSV and NDJSON hold the areas."""
    return await answer(asking, *parts(Parameters(site=asking.site, rows=limit)), is_paged=False)


def parts(given: Parameters) -> tuple[Part, ...]:
    """Return the lists of which the answer is made."""
    return (
        Part("areas", "live_visitors", Area, given),
        Part("pages", "live_pages", Place, given),
        Part("checkouts", "live_checkouts", Buying, given),
        Part("payment_errors", "live_payment_errors", Failure, given),
        Part("communities", "live_communities", Community, given),
    )
