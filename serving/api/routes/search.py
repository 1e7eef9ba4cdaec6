"""Events of one site by name, session, time and property, newest first. What is declared, the database says."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, BeforeValidator

from footfall.answers.questions import Moment, Parameters, PeriodError, require_period
from serving.api.answer import Fields, Rows
from serving.api.described import Known, responses
from serving.api.exchange import Asking, Exchange
from serving.api.problem import bad_parameter
from serving.api.routes.period import MOST_DAYS
from serving.api.routes.questions import MOST_ID, NO_NULL

MOST_ROWS = 100
MOST_PROPERTIES = 5
"""Properties of one search."""
_PREFIX = "property."
_DAY = r"\d{4}-\d{2}-\d{2}"
_MOMENT = rf"{_DAY}[Tt]\d{{2}}:\d{{2}}:\d{{2}}(\.\d{{1,6}})?([Zz]|[+-]\d{{2}}:\d{{2}})"

router = APIRouter(prefix="/v1/sites/{site}")


class Event(BaseModel):
    """An event of people, as in mart `events`."""

    event_id: str
    event_name: str
    event_category: str
    occurred_at: datetime
    event_date: date
    session_id: str
    position: int
    visitor_id: str
    user_id: str | None
    page_view_id: str | None
    page_host: str | None
    page_path: str | None
    properties: dict[str, Any]
    """As sent, without contacts."""


class Events(Known):
    """The events, newest first. Nothing counts all of them: `next` is the way on."""

    events: list[Event]


def _day_or_moment(given: Any) -> Any:
    if isinstance(given, str):
        if re.fullmatch(_DAY, given, re.ASCII):
            return date.fromisoformat(given)
        if re.fullmatch(_MOMENT, given, re.ASCII):
            return datetime.fromisoformat(given.upper())
    raise ValueError("write it as 2026-11-30 or 2026-11-30T09:00:00Z")


DayOrMoment = Annotated[date | datetime, BeforeValidator(_day_or_moment)]
_FIELDS: Fields = {name: name for name in Event.model_fields}
_DECLARED: Fields = {"event_name": "event_name", "property": "property"}
_PROPERTY = {
    "name": f"{_PREFIX}KEY",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": f"Events of `name` whose declared property KEY has this value. Up to {MOST_PROPERTIES} of them.",
}


@router.get(
    "/events/search",
    response_class=Response,
    responses=responses(Events),
    summary="Events, newest first.",
    openapi_extra={"parameters": [_PROPERTY]},
)
async def search(
    asking: Asking,
    name: Annotated[str, Query(pattern=NO_NULL, max_length=MOST_ID, description="Events of this name alone.")] = "",
    session: Annotated[str, Query(pattern=NO_NULL, max_length=MOST_ID, description="Of this session alone.")] = "",
    days: Annotated[
        int | None, Query(ge=0, le=MOST_DAYS, description="The last so many published days; 0: all. Without it, 7.")
    ] = None,
    first: Annotated[
        DayOrMoment | None,
        Query(alias="from", description="Instead of days: not before this day of the site's own, or this moment."),
    ] = None,
    last: Annotated[
        DayOrMoment | None,
        Query(alias="to", description="Not after this day of the site's own; or before this moment."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Largest number of events.")] = 20,
    after: Annotated[str, Query(description="Where the page begins, as `next` has it.")] = "",
) -> Response:
    """Answer with the events of people that fit everything that is given, newest first."""
    given = msgspec.structs.replace(
        _period(days, first, last), site=asking.site, rows=limit, name=name, session=session, **_place(after)
    )
    wanted = _properties(asking, name)

    def body(about: dict[str, Any], found: Sequence[Rows]) -> dict[str, Any]:
        if wanted:
            _require_declared(wanted, name, found[1])
        events = found[0].named()
        following = asking.address(after=_written(events[-1])) if len(events) == limit else None
        return about | {"next": following, "events": events}

    if not wanted:
        return await asking.answer({"event_search": given}, body, {"event_search": _FIELDS})
    (key, value), *others = wanted.items()
    given = msgspec.structs.replace(
        given, property=key, value=value, properties=msgspec.json.encode(dict(others)).decode()
    )
    return await asking.answer(
        {"property_search": given, "declared_properties": given},
        body,
        {"property_search": _FIELDS, "declared_properties": _DECLARED},
    )


def _period(days: int | None, first: date | datetime | None, last: date | datetime | None) -> Parameters:
    """Return the time that is asked for; of `days` alone, the last so many published ones."""
    first_day, since = (None, first) if isinstance(first, datetime) else (first, None)
    last_day, until = (None, last) if isinstance(last, datetime) else (last, None)
    if days is not None and (first or last):
        raise bad_parameter("days", "it goes with neither from nor to")
    if since and until and until <= since:
        raise bad_parameter("to", "it is not after from")
    try:
        require_period(None, first_day, last_day)
    except PeriodError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    counted = 0 if first or last else 7 if days is None else days
    return Parameters(days=counted, first=first_day, last=last_day, since=since, until=until)


def _properties(asking: Exchange, name: str) -> dict[str, str]:
    """Return the values of properties that are asked for.

    Raises:
        Problem: there are too many, or no name is given, or the database takes no such text.
    """
    query = asking.request.query_params
    found = {key.removeprefix(_PREFIX): value for key, value in query.items() if key.startswith(_PREFIX)}
    for number, (key, value) in enumerate(found.items(), 1):
        if not name:
            raise bad_parameter("name", f"{_PREFIX}{key} goes with the name of an event")
        if "\0" in key + value:
            raise bad_parameter(_PREFIX + key, "there is no such text")
        if number > MOST_PROPERTIES:
            raise bad_parameter(_PREFIX + key, f"a search takes {MOST_PROPERTIES} properties")
    return found


def _require_declared(wanted: dict[str, str], name: str, declared: Rows) -> None:
    known = [each["property"] for each in declared.named() if each["event_name"] == name]
    for key in wanted:
        if key not in known:
            raise bad_parameter(
                _PREFIX + key,
                f"{name} has no such declared property; `footfall property add` declares one. Declared: "
                + (", ".join(known) or "none"),
            )


def _written(event: dict[str, Any]) -> str:
    """Return the place of an event in the order, as `after` takes it."""
    place = msgspec.json.encode((event["occurred_at"], event["session_id"], event["position"]))
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _place(after: str) -> dict[str, Any]:
    """Return the place by the parameters of questions; without one, none."""
    if not after:
        return {}
    try:
        written = base64.b64decode(after + "=" * (-len(after) % 4), b"-_", validate=True)
        at, session, position = msgspec.json.decode(
            written, type=tuple[Moment, str, Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]]
        )
        if "\0" in session:
            raise ValueError
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise bad_parameter("after", "take it from `next` of an answer") from None
    return {"after_at": at, "after_session": session, "after_position": position}
