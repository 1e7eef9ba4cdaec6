"""What a stream shows of one moment: the answers of the live questions, and the newest events, as a token sees them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection
from pydantic import BaseModel

from footfall.answers.questions import Parameters
from serving.api.answer import Fields, Question, Rows, ask
from serving.api.routes.widget import ActiveSession
from serving.api.shop.live import parts
from serving.api.shop.part import MOST_ROWS, Part

EVERY_SITE = ""
"""Stands for all sites that a token sees. Their rows say of which site they are."""


class Happened(BaseModel):
    """An event, without its properties."""

    event_id: str
    occurred_at: datetime
    event_name: str
    event_category: str
    visitor_id: str
    user_id: str | None
    page_path: str | None
    page_type: str | None
    page_identifier: str | None
    device_type: str | None


@dataclass(frozen=True)
class Picture:
    """One moment."""

    as_of: datetime
    figures: dict[str, Any]
    """`active_count`, the number of sessions (one a visitor), then lists of rows, as `GET /v1/sites/{site}/live` has
    them: `active_sessions`, `areas`, `pages`, `checkouts`, `payment_errors`, `communities`."""
    events: Sequence[dict[str, Any]]
    """The newest events, the newest first, at most `MOST_ROWS`; each has a `mark`, by which it is known."""


async def take(connection: AsyncConnection, questions: Mapping[str, Question], site: str) -> Picture:
    """Return the picture of a site, or of EVERY_SITE, within the transaction of a token.

    Raises:
        psycopg.Error: as the server says.
    """
    given, now = Parameters(site=site, rows=MOST_ROWS), datetime.now(UTC)
    lists = {
        part.field: await _rows(connection, questions, part)
        for part in (Part("active_sessions", "active_sessions", ActiveSession, given), *parts(given))
    }
    events = (await _rows(connection, questions, Part("events", "live_events", Happened, given))).named()
    for event in events:
        event["mark"] = _mark(event.get("site", site), event["event_id"])
    count = {"active_count": lists["active_sessions"].total or 0}
    return Picture(now, count | {field: rows.named() for field, rows in lists.items()}, events)


async def _rows(connection: AsyncConnection, questions: Mapping[str, Question], part: Part) -> Rows:
    of_site: Fields = {"site_id": "site"} if part.given.site == EVERY_SITE else {}
    return await ask(connection, replace(questions[part.question], fields={**of_site, **part.fields}), part.given)


def _mark(site: str, event_id: str) -> str:
    """Return a name of an event for `Last-Event-ID`, whatever letters its own id has."""
    return hashlib.sha256(f"{site} {event_id}".encode()).hexdigest()[:24]
