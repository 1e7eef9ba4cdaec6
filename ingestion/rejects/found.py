"""Which rejects there are: in groups by reason, and one by one. What may name a person is shown by kind and size."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

_SHOWN: Final = frozenset(
    ("event_name", "event_category", "client_timestamp", "received_at", "context", "kind", "page_type", "language")
)
"""Fields that name no person. Only they are shown as they came."""
_KNOWN: Final = (
    *("event_id", "anonymous_id", "user_id", "session_id", "page_view_id", "page_url", "page_title", "referrer"),
    *("page_identifier", "page_host", "screen_width", "screen_height", "sequence", "properties"),
)
_MOST_SHOWN: Final = 80


@dataclass(frozen=True)
class Wanted:
    """Which rejects: of a reason, of a site, received since. None: of any."""

    reason: str | None = None
    site: str | None = None
    since: datetime | None = None

    def where(self, statement: str) -> TextClause:
        """Return the statement for these: it ends where further conditions may follow."""
        return text(statement.format(wanted=_WANTED)).bindparams(reason=self.reason, site=self.site, since=self.since)


_WANTED = (
    "r.replayed_at is null and (cast(:reason as text) is null or r.reason = :reason)"
    " and (cast(:site as text) is null or r.site_id = :site)"
    " and (cast(:since as timestamptz) is null or r.received_at >= :since)"
)


@dataclass(frozen=True)
class Group:
    """Rejects of one site for one reason."""

    site_id: str | None
    reason: str
    field: str | None
    count: int
    first_received_at: datetime
    last_received_at: datetime
    example: str
    """The newest, masked."""


@dataclass(frozen=True)
class Reject:
    """One rejected event, masked."""

    received_at: datetime
    site_id: str | None
    reason: str
    field: str | None
    file_name: str | None
    line_number: int
    said: str


def groups(connection: Connection, wanted: Wanted) -> list[Group]:
    """Return the rejects that wait, in groups, the most first."""
    return [
        Group(
            *(row.site_id, row.reason, row.field, row.reject_count, row.first_received_at, row.last_received_at),
            example=masked(row.payload),
        )
        for row in connection.execute(wanted.where(_GROUPS))
    ]


def newest(connection: Connection, wanted: Wanted, most: int) -> list[Reject]:
    """Return the newest rejects that wait."""
    found = connection.execute(wanted.where(_NEWEST).bindparams(most=most))
    return [
        Reject(
            *(row.received_at, row.site_id, row.reason, row.field, row.file_name, row.line_number),
            said=masked(row.payload),
        )
        for row in found
    ]


def masked(payload: str) -> str:
    """Return what an event said without what may name a person: values of other fields by kind and size."""
    if not payload:
        return "nothing is stored of it"
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return f"{len(payload):,} characters that are no JSON"
    if not isinstance(document, dict):
        return _kind(document)
    said = list(_said(document))
    others = len(document) - len(said)
    return "; ".join([*said, *([f"{others} other fields"] if others else [])])


def _said(document: dict[str, Any]) -> Iterator[str]:
    for name, value in document.items():
        if name in _SHOWN and isinstance(value, str | int | float | None):
            shown = str(value)
            yield f"{name} {shown[:_MOST_SHOWN]}{'…' if len(shown) > _MOST_SHOWN else ''}"
        elif name in _SHOWN or name in _KNOWN:
            yield f"{name}: {_kind(value)}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"a text of {len(value):,}"
        case list():
            return f"a list of {len(value):,}"
        case _:
            return f"an object of {len(value):,} keys, {len(json.dumps(value, ensure_ascii=False).encode()):,} bytes"


_GROUPS = """
with grouped as (
    select
        r.site_id, r.reason, regexp_replace(r.field, '^line [0-9]+$', 'a line') as field, count(*) as reject_count,
        min(r.received_at) as first_received_at, max(r.received_at) as last_received_at, max(r.reject_id) as newest
    from raw.rejects as r
    where {wanted}
    group by 1, 2, 3
)

select g.site_id, g.reason, g.field, g.reject_count, g.first_received_at, g.last_received_at, r.payload
from grouped as g
inner join raw.rejects as r on g.newest = r.reject_id
order by g.reject_count desc, g.site_id asc, g.reason asc, g.field asc
"""
_NEWEST = """
select r.received_at, r.site_id, r.reason, r.field, f.file_name, r.line_number, r.payload
from raw.rejects as r
left join ops.landed_files as f on r.file_id = f.file_id
where {wanted}
order by r.received_at desc, r.reject_id desc
limit :most
"""
