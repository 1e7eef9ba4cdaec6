"""The customers of a marketplace, and one of them with the sessions."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from footfall.answers.questions import Interval, Parameters
from serving.api.answer import Rows
from serving.api.described import responses
from serving.api.exchange import Asking, AskingWithToday
from serving.api.problem import Problem
from serving.api.routes.questions import MOST_ID, NO_NULL
from serving.api.shop.part import MOST_ROWS, Contacts, Limit, Page, Paged, Part, answer

router = APIRouter(prefix="/v1/sites/{site}/customers")


class Customer(BaseModel):
    """A customer: what happened in the interval, and what is known of all time."""

    user_id: str
    session_count: int
    order_count: int
    booking_count: int
    review_count: int
    last_login_at: datetime | None
    registered_at: datetime | None
    last_order_at: datetime | None
    last_order_amount: float | None
    last_order_currency: str | None
    last_booking_at: datetime | None
    last_booking_service: str | None
    primary_device_type: str | None
    primary_browser: str | None
    primary_os: str | None


class Session(BaseModel):
    """A session of a customer."""

    session_id: str | None
    """Null: it began since the last night."""
    started_at: datetime
    ended_at: datetime | None
    """Null: it goes on."""
    is_active: bool
    duration_seconds: int
    page_view_count: int
    landing_page: str | None
    device_type: str | None
    browser: str | None
    os: str | None
    country_code: str | None
    city: str | None
    ip_masked: str | None
    end_cause: str | None


class Contact(BaseModel):
    """What a customer left last."""

    email: str | None
    phone: str | None
    name: str | None
    metadata: dict[str, Any] | None
    contact_left_at: datetime


class Address(BaseModel):
    """The address of a session."""

    session_id: str
    ip: str


class Customers(Paged):
    """The customers."""

    interval: str
    customers: list[Customer]


class OneCustomer(Paged):
    """A customer of all time, and the sessions, the newest first."""

    customer: Customer
    sessions: list[Session]
    contact: Contact | None
    """Null: not asked for, or the vault keeps none."""
    addresses: list[Address] | None
    """Of the last 100 sessions with one; null: not asked for."""


@router.get("", response_class=Response, responses=responses(Customers), summary="The customers.")
async def customers(
    asking: AskingWithToday,
    interval: Annotated[
        Interval,
        Query(
            description="The last 24 hours, 7 or 30 days, to the minute: what happened in them, of customers who then"
            " began a session, ordered or booked. all: of all time and all customers."
        ),
    ] = "all",
    sort_by: Annotated[
        Literal["sessions", "orders", "bookings", "last_login", "registered"], Query(description="The order.")
    ] = "sessions",
    sort_order: Annotated[Literal["asc", "desc"], Query(description="Whether the least or most comes first.")] = "desc",
    page: Page = 1,
    limit: Limit = 20,
) -> Response:
    """Answer who the customers are and what they do."""
    given = Parameters(
        site=asking.site,
        days=0,
        rows=limit,
        page=page,
        sort=sort_by,
        ascending=sort_order == "asc",
        interval=interval,
    )
    return await answer(asking, Part("customers", "customers", Customer, given), also=lambda _: {"interval": interval})


@router.get("/{user:path}", response_class=Response, responses=responses(OneCustomer), summary="One customer.")
async def customer(
    asking: Asking,
    user: Annotated[
        str, Path(description="The customer's user id.", min_length=1, max_length=MOST_ID, pattern=NO_NULL)
    ],
    page: Page = 1,
    limit: Limit = 20,
    contacts: Contacts = False,
) -> Response:
    """Answer what is known of a customer, and in which sessions. CSV and NDJSON hold the sessions."""
    of_all_time = Parameters(site=asking.site, days=0, user=user, rows=MOST_ROWS)
    parts = [
        Part("sessions", "customer_sessions", Session, Parameters(site=asking.site, rows=limit, page=page, user=user)),
        Part("customer", "customers", Customer, of_all_time),
    ]
    if contacts:
        parts += [
            Part("contact", "customer_contacts", Contact, of_all_time),
            Part("addresses", "customer_addresses", Address, of_all_time),
        ]

    def one(found: Sequence[Rows]) -> dict[str, Any]:
        if not found[1].rows:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such customer, or this token may not read of them")
        left = next(iter(found[2].named()), None) if contacts else None
        return {"customer": found[1].named()[0], "contact": left} | ({} if contacts else {"addresses": None})

    return await answer(asking, *parts, also=one)
