"""The one list of places in the database where a person is: export shows what is there, erasure deletes just that.

Files are `footfall.privacy.find`'s. Of each mart it is decided here whether its rows are people's, or figures of all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from warehouse.privacy.person import Person, exists
from warehouse.privacy.single_person_labels import NAMES_GIVEN
from warehouse.tables.contracts import Mart

IsTheirs = Callable[[str | None, datetime, str], bool]
"""Whether a rejected payload is theirs: its site, when it was received, what it was."""


@dataclass(frozen=True)
class Place:
    """Where rows of a person are. Both statements are about the same rows."""

    name: str
    rows: str
    """A query."""
    delete: str

    def read(self, connection: Connection, person: Person) -> list[dict[str, Any]]:
        """The person's rows."""
        found = connection.execute(text(self.rows), _values(person))
        return [dict(row._mapping) for row in found]

    def measure(self, connection: Connection, person: Person) -> tuple[int, int]:
        """How many rows and bytes."""
        query = f"select count(*), coalesce(sum(pg_column_size(r.*)), 0)::bigint from ({self.rows}) r"
        found = connection.execute(text(query), _values(person)).one()
        return found[0], found[1]

    def empty(self, connection: Connection, person: Person) -> int:
        """Delete them, and say how many they were."""
        return connection.execute(text(self.delete), _values(person)).rowcount


def _values(person: Person) -> dict[str, Any]:
    return {"site": person.site_id, "user": person.user_id}


def theirs(user: str, device: str | None, moment: str) -> str:
    """The condition on rows `r`: they name the user, or nobody, on a device that was the person's at that moment."""
    named = f"r.site_id = :site and ({user} = cast(:user as text)"
    if device is None:
        return f"{named})"
    return (
        f"{named} or ({user} is null and {device} in (select device from person_devices) and exists ("
        f"select from person_devices d where d.device = {device}"
        f" and (d.from_at is null or d.from_at <= {moment}) and (d.until_at is null or {moment} < d.until_at))))"
    )


PERSONAL: dict[str, str] = {
    "checkouts": theirs("r.user_id", "r.visitor_id", "r.started_at"),
    "commerce_events": theirs("r.user_id", "r.visitor_id", "r.occurred_at"),
    "community_visits": theirs("r.user_id", "r.visitor_id", "r.occurred_at"),
    "conversions": theirs("r.user_id", "r.visitor_id", "r.converted_at"),
    "customer_days": theirs("r.user_id", None, ""),
    "customers": theirs("r.user_id", None, ""),
    "identities": theirs("r.user_id", "r.visitor_id", "r.from_at"),
    "orders": theirs("r.user_id", "r.visitor_id", "r.ordered_at"),
    "page_views": theirs("r.user_id", "r.visitor_id", "r.entered_at"),
    "payment_errors": theirs("r.user_id", "r.visitor_id", "r.occurred_at"),
    "sessions": theirs("r.user_id", "r.visitor_id", "r.started_at"),
    # A device is whose it was first, whoever uses it now.
    "visitors": theirs(
        "case when r.anonymous_id is null then r.current_user_id end", "r.visitor_id", "r.first_seen_at"
    ),
}
"""Marts with rows of people: which of them are the person's."""
FIGURES = frozenset(
    {
        *("community_visits_daily", "daily_devices", "daily_event_stats", "daily_funnel"),
        *("daily_page_stats", "daily_stats", "daily_traffic"),
    }
)
"""Marts that count people: nobody's rows, but perhaps with names in them that only one person gave."""

_OF_EVENTS = theirs("r.user_id", "r.anonymous_id", "r.occurred_at")
_BY_LINE = "(r.file_id, r.line_number) in (select file_id, line_number from person_events)"


def _rows_of(relation: str, condition: str) -> Place:
    return Place(
        relation,
        f"select r.* from {relation} r where {condition}",
        f"delete from {relation} r where {condition}",
    )


_RAW = (
    _rows_of("ops.contact_vault", f"{_OF_EVENTS} or {_BY_LINE}"),
    _rows_of("raw.rejects", "r.reject_id in (select reject_id from person_rejects)"),
    _rows_of("raw.lost_copies", "r.site_id = :site and r.event_id in (select event_id from person_events)"),
    _rows_of(
        "raw.user_agents",
        "r.user_agent_id in (select user_agent_id from person_events"
        " except select user_agent_id from raw.events e where"
        " (e.file_id, e.line_number) not in (select file_id, line_number from person_events))",
    ),
    _rows_of("raw.events", f"{_BY_LINE} and r.event_date in (select event_date from person_events)"),
)


def places(connection: Connection, marts: Sequence[Mart]) -> Iterator[Place]:
    """All of them, in the order in which they can be emptied. `mark` comes first."""
    published = {mart.name for mart in marts if exists(connection, f"marts.{mart.name}")}
    for place in NAMES_GIVEN:
        if {place.mart, place.of} <= published:
            condition = PERSONAL[place.of]
            yield Place(place.name, place.rows(condition), place.delete(condition))
    for mart in sorted(published & PERSONAL.keys()):
        yield _rows_of(f"marts.{mart}", PERSONAL[mart])
    yield from _RAW


def mark(connection: Connection, person: Person, is_theirs: IsTheirs) -> None:
    """Note for the rest of the transaction which devices, events and rejects are the person's."""
    connection.exec_driver_sql(_TABLES)
    if person.stretches:
        connection.execute(
            text("insert into person_devices values (:device, :from_at, :until_at)"),
            [
                {"device": each.device, "from_at": each.from_at, "until_at": each.until_at}
                for each in sorted(person.stretches, key=str)
            ],
        )
    connection.execute(text(_EVENTS), _values(person))
    rejects = connection.execute(
        text(
            "select reject_id, site_id, received_at, payload from raw.rejects where site_id = :site or site_id is null"
        ),
        _values(person),
        execution_options={"yield_per": 1_000},
    )
    found = [{"id": row.reject_id} for row in rejects if is_theirs(row.site_id, row.received_at, row.payload)]
    if found:
        connection.execute(text("insert into person_rejects values (:id)"), found)
    connection.exec_driver_sql("analyze person_devices, person_events, person_rejects")


_TABLES = """
create temporary table person_devices (device text collate "C", from_at timestamptz, until_at timestamptz)
on commit drop;
create temporary table person_events (
    event_id text collate "C", event_date date, file_id bigint, line_number integer, user_agent_id uuid
) on commit drop;
create temporary table person_rejects (reject_id bigint) on commit drop
"""
_EVENTS = f"""
insert into person_events
select event_id, event_date, file_id, line_number, user_agent_id from raw.events r where {_OF_EVENTS}
"""
