"""Checkouts, their payment errors, and the funnel that leads to them."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from serving.api.described import Answered, responses
from serving.api.exchange import Asking
from serving.api.routes.period import Days
from serving.api.shop.part import Contacts, Limit, Page, Paged, Part, answer, asked

router = APIRouter(prefix="/v1/sites/{site}")


class PaymentError(BaseModel):
    """A payment that failed, and what became of it."""

    event_id: str
    occurred_at: datetime
    user_id: str | None
    checkout_id: str
    error_code: str | None
    error_message: str | None
    error_details: str | None
    payment_method: str | None
    amount: float | None
    currency: str | None
    item_count: int | None
    items: list[Any] | None
    device_type: str | None
    browser: str | None
    os: str | None
    ip_masked: str | None
    attempt_number: int
    is_retried: bool
    retried_at: datetime | None
    is_recovered: bool
    recovered_at: datetime | None


class Recovery(BaseModel):
    """How often payments that failed alike were tried again, and with what success."""

    error_code: str | None
    payment_method: str | None
    error_count: int
    retried_count: int
    recovered_count: int
    recovered_percent: float


class PaymentContact(BaseModel):
    """Whom to contact about a payment, by its event and time."""

    event_id: str
    occurred_at: datetime
    email: str | None
    phone: str | None
    name: str | None
    ip: str | None


class PaymentErrors(Paged):
    """The payments that failed, the newest first."""

    payment_errors: list[PaymentError]
    recovery: list[Recovery]
    contacts: list[PaymentContact] | None
    """Of these payments, as long as the vault keeps them; null: not asked for."""


class Checkout(BaseModel):
    """A checkout, by its last event."""

    checkout_id: str
    user_id: str | None
    status: str
    abandoned_step: str | None
    items: list[Any] | None
    item_count: int | None
    amount: float | None
    currency: str | None
    payment_method: str | None
    started_at: datetime
    checkout_started_at: datetime | None
    payment_started_at: datetime | None
    first_failed_at: datetime | None
    succeeded_at: datetime | None
    ended_at: datetime
    seconds_to_success: int | None
    order_id: str | None
    error_count: int
    retry_count: int
    is_recovered: bool
    last_error_code: str | None
    last_error_message: str | None
    last_error_details: str | None


class Abandonment(BaseModel):
    """How many checkouts ended alike without a purchase."""

    status: str
    abandoned_step: str | None
    currency: str | None
    checkout_count: int
    amount: float | None
    error_count: int


class Checkouts(Paged):
    """The checkouts, the newest first, and where they were given up."""

    checkouts: list[Checkout]
    abandoned: list[Abandonment]


class Step(BaseModel):
    """A step from the visit to the purchase, over all the days."""

    step_number: int
    step: str
    entered: int
    completed: int
    abandoned: int
    completed_percent: float | None
    of_visits_percent: float
    reached: int | None
    reached_percent: float | None


class DayStep(BaseModel):
    """A step on one day."""

    event_date: date
    step_number: int
    step: str
    entered: int
    completed: int
    abandoned: int
    reached: int | None
    median_seconds: float | None


class Funnel(Answered):
    """The steps from the visit to the purchase."""

    steps: list[Step]


class DailyFunnel(Paged):
    """The same day by day, the newest first."""

    steps: list[DayStep]


@router.get(
    "/payment-errors", response_class=Response, responses=responses(PaymentErrors), summary="Payments that failed."
)
async def payment_errors(
    asking: Asking, days: Days, page: Page = 1, limit: Limit = 20, contacts: Contacts = False
) -> Response:
    """Answer which payments failed, and with what success they were tried again."""
    given = asked(asking, days, page, limit)
    parts = [
        Part("payment_errors", "payment_errors", PaymentError, given),
        Part("recovery", "payment_recovery", Recovery, asked(asking, days)),
    ]
    if contacts:
        return await answer(asking, *parts, Part("contacts", "payment_contacts", PaymentContact, given))
    return await answer(asking, *parts, also=lambda _: {"contacts": None})


@router.get("/checkouts", response_class=Response, responses=responses(Checkouts), summary="Checkouts.")
async def checkouts(asking: Asking, days: Days, page: Page = 1, limit: Limit = 20) -> Response:
    """Answer which checkouts there were, and where they were given up."""
    return await answer(
        asking,
        Part("checkouts", "checkouts", Checkout, asked(asking, days, page, limit)),
        Part("abandoned", "abandoned_checkouts", Abandonment, asked(asking, days)),
    )


@router.get("/funnel", response_class=Response, responses=responses(Funnel), summary="From the visit to the purchase.")
async def funnel(asking: Asking, days: Days) -> Response:
    """Answer how far sessions get."""
    return await answer(asking, Part("steps", "funnel", Step, asked(asking, days)), is_paged=False)


@router.get("/funnel/daily", response_class=Response, responses=responses(DailyFunnel), summary="The same, day by day.")
async def daily_funnel(asking: Asking, days: Days, page: Page = 1, limit: Limit = 60) -> Response:
    """Answer how far the sessions of each day got, and how fast."""
    return await answer(asking, Part("steps", "daily_funnel", DayStep, asked(asking, days, page, limit)))
