"""A person's data in the database, place by place: export shows what is there, erasure deletes just that.

Files are left to `footfall.privacy.find`. The yml of a mart says whose its rows are, and which of its labels may name
one person. This module says it of raw and ops.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from warehouse.privacy.person import Person, exists
from warehouse.privacy.single_person_labels import single_person_labels
from warehouse.tables.decisions import Mart, People
from warehouse.tables.today import rows_of

IsOfPerson = Callable[[str | None, datetime, str], bool]
"""Whether a rejected payload is the person's. Arguments: its site, when it was received, its text."""


@dataclass(frozen=True)
class Place:
    """A place where rows of a person are. The query and the statement concern the same rows."""

    name: str
    rows: str
    """A query."""
    delete: str

    def read(self, connection: Connection, person: Person) -> list[dict[str, Any]]:
        """Return the person's rows, each as column → value."""
        found = connection.execute(text(self.rows), _values(person))
        return [dict(row._mapping) for row in found]

    def measure(self, connection: Connection, person: Person) -> tuple[int, int]:
        """Measure the person's rows.

        Returns:
            Number of rows, and their size in bytes.
        """
        query = f"select count(*), coalesce(sum(pg_column_size(r.*)), 0)::bigint from ({self.rows}) r"
        found = connection.execute(text(query), _values(person)).one()
        return found[0], found[1]

    def empty(self, connection: Connection, person: Person) -> int:
        """Delete the person's rows, and return how many there were."""
        return connection.execute(text(self.delete), _values(person)).rowcount


def _values(person: Person) -> dict[str, Any]:
    return {"site": person.site_id, "user": person.user_id}


def of_person(people: People) -> str:
    """Return the SQL condition that a row `r` is the person's.

    It names the user; or it names no user, and its device belonged to the person at that moment.
    """
    user = f"r.{people.user}" if people.user else "cast(null as text)"
    if people.owned_by_device:
        user = f"case when r.{people.owned_by_device} is null then {user} end"
    named = f"r.site_id = :site and ({user} = cast(:user as text)"
    if people.device is None:
        return f"{named})"
    device, moment = f"r.{people.device}", f"r.{people.at}"
    return (
        f"{named} or ({user} is null and {device} in (select device from person_devices) and exists ("
        f"select from person_devices d where d.device = {device}"
        f" and (d.from_at is null or d.from_at <= {moment}) and (d.until_at is null or {moment} < d.until_at))))"
    )


_OF_EVENTS = of_person(People(user="user_id", device="anonymous_id", at="occurred_at"))
_BY_LINE = "(r.file_id, r.line_number) in (select file_id, line_number from person_events)"


def _rows_of(relation: str, condition: str) -> Place:
    return Place(
        relation,
        f"select r.* from {relation} r where {condition}",
        f"delete from {relation} r where {condition}",
    )


_OF_USER = "r.site_id = :site and r.user_id = cast(:user as text)"
_RAW = (
    _rows_of("ops.token_rights", _OF_USER),
    Place(
        # The trail stays; whom it names, goes.
        "ops.contact_reads",
        f"select r.* from ops.contact_reads r where {_OF_USER}",
        f"update ops.contact_reads r set user_id = null where {_OF_USER}",
    ),
    _rows_of("ops.contact_vault", f"{_OF_EVENTS} or {_BY_LINE}"),
    _rows_of("raw.rejects", "r.reject_id in (select reject_id from person_rejects)"),
    _rows_of("raw.visitor_hashes", "r.site_id = :site and r.visitor_hash in (select visitor_hash from person_hashes)"),
    _rows_of("raw.lost_copies", "r.site_id = :site and r.event_id in (select event_id from person_events)"),
    _rows_of(
        "raw.user_agents",
        "r.user_agent_id in (select user_agent_id from person_events"
        " except select user_agent_id from raw.events e where"
        " (e.file_id, e.line_number) not in (select file_id, line_number from person_events))",
    ),
    _rows_of("raw.events", f"{_BY_LINE} and r.event_date in (select event_date from person_events)"),
)


def _hashes_in(mart: Mart, column: str) -> Place:
    """Return where a column holds hashes of visitors: the person's are taken out, and a row without any left goes."""
    keys = ", ".join(f"r.{key}" for key in mart.primary_key)
    same = " and ".join(f"r.{key} = own.{key}" for key in mart.primary_key)
    own = f"r.site_id = :site and r.{column} && array(select visitor_hash from person_hashes)"
    split = (
        f"array(select h from unnest(r.{column}) h where h {{}} (select visitor_hash from person_hashes) order by h)"
    )
    return Place(
        f"{mart.relation}.{column}",
        f"select {keys}, {split.format('in')} as {column} from {mart.relation} r where {own}",
        f"merge into {mart.relation} r using"
        f" (select {keys}, {split.format('not in')} as others from {mart.relation} r where {own}) own on {same}"
        f" when matched and own.others = '{{}}' then delete when matched then update set {column} = own.others",
    )


def personal_data(connection: Connection, marts: Sequence[Mart]) -> Iterator[Place]:
    """Give all places in the order in which they can be emptied. Call `collect_ids` first."""
    published = {mart.name: mart for mart in marts if exists(connection, mart.relation)}
    for mart in published.values():
        for label in single_person_labels(mart, published):
            if label.counted.people:
                condition = of_person(label.counted.people)
                yield Place(label.name, label.rows(condition), label.delete(condition))
    for mart in published.values():
        for column in mart.hashes_of_visitors:
            yield _hashes_in(mart, column)
        if mart.people:
            yield _rows_of(mart.relation, of_person(mart.people))
            if exists(connection, rows_of(mart)):
                yield _rows_of(rows_of(mart), of_person(mart.people))
    yield from _RAW


def collect_ids(connection: Connection, person: Person, is_of_person: IsOfPerson, hashes: Sequence[int]) -> None:
    """Store the person's devices, hashes, events and rejects in temporary tables, for the rest of the transaction."""
    connection.exec_driver_sql(_TABLES)
    if person.intervals:
        connection.execute(
            text("insert into person_devices values (:device, :from_at, :until_at)"),
            [
                {"device": each.device, "from_at": each.from_at, "until_at": each.until_at}
                for each in sorted(person.intervals, key=str)
            ],
        )
    if hashes:
        insert = text("insert into person_hashes select unnest(cast(:hashes as bigint[]))")
        connection.execute(insert, {"hashes": [*hashes]})
    connection.execute(text(_EVENTS), _values(person))
    rejects = read_rejects(connection, person.site_id)
    found = [{"id": row.reject_id} for row in rejects if is_of_person(row.site_id, row.received_at, row.payload)]
    if found:
        connection.execute(text("insert into person_rejects values (:id)"), found)
    connection.exec_driver_sql("analyze person_devices, person_hashes, person_events, person_rejects")


def read_rejects(connection: Connection, site_id: str | None = None) -> Iterable[Row]:
    """Read the rejects of a site, or of all sites, and those of which no site is known.

    Returns:
        Rows of reject_id, site_id, received_at and payload.
    """
    return connection.execute(
        text(
            "select reject_id, site_id, received_at, payload from raw.rejects"
            " where site_id is null or site_id = coalesce(cast(:site as text), site_id)"
        ),
        {"site": site_id},
        execution_options={"yield_per": 1_000},
    )


_TABLES = """
create temporary table person_devices (device text collate "C", from_at timestamptz, until_at timestamptz)
on commit drop;
create temporary table person_events (
    event_id text collate "C", event_date date, file_id bigint, line_number integer, user_agent_id uuid
) on commit drop;
create temporary table person_hashes (visitor_hash bigint not null) on commit drop;
create temporary table person_rejects (reject_id bigint) on commit drop
"""
_EVENTS = f"""
insert into person_events
select event_id, event_date, file_id, line_number, user_agent_id from raw.events r where {_OF_EVENTS}
"""
