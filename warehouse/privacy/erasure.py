"""Delete a person from the database in one transaction, and mark the days that this changes.

Before the commit nothing is gone; after it no table holds the person. Files, and building the days again, are left to
`footfall.privacy.erase`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine, text

from warehouse.postgres.locks import LOADS, MARTS, exclusive
from warehouse.postgres.roles import Role
from warehouse.privacy.erased_relations import STATISTICS, record_erased
from warehouse.privacy.person import Person, exists
from warehouse.privacy.personal_data import IsOfPerson, collect_ids, of_person, personal_data
from warehouse.publication.completeness import forget_events
from warehouse.publication.dirty_days import Cause, mark_found
from warehouse.tables.decisions import DAY, Mart
from warehouse.tables.today import clear as clear_today
from warehouse.tables.today import today_tables

COPIES = ("ops.check_results", "raw.privacy_subjects", STATISTICS)
"""Tables that may hold data of anyone beside the places that are emptied."""


def wait_for_loads(connection: Connection) -> None:
    """Wait for running loads to end, and let none begin until the transaction ends. Later loads know whom to drop."""
    exclusive(connection, LOADS)


def erase_rows(
    connection: Connection, marts: Sequence[Mart], person: Person, is_of_person: IsOfPerson, hashes: Sequence[int]
) -> tuple[dict[str, int], int]:
    """Delete the person's rows, correct the figures that counted them, and mark days dirty that can be built again.

    The caller has waited for loads, holds TODAY and CANDIDATE, and commits. `hashes` stand for the person in sketches.

    Returns:
        Place → number of rows deleted there, and the number of days marked.
    """
    exclusive(connection, MARTS)
    collect_ids(connection, person, is_of_person, hashes)
    days = _mark_days(connection, marts, person)
    forget_events(connection, "person_events")
    connection.execute(text(_LEDGER))
    partitions: list[str] = list(connection.execute(text(_PARTITIONS)).scalars())
    gone = {place.name: place.empty(connection, person) for place in personal_data(connection, marts)}
    if person.shared_devices and exists(connection, "marts.visitors"):
        for statement in _SHARED:
            connection.execute(text(statement), {"site": person.site_id, "devices": person.shared_devices})
    clear_copies(connection)
    # Also where nothing was left to delete: what was published anew or pruned before left its bytes there.
    emptied = {name for name in gone if name.count(".") == 1} - {"raw.events"}
    record_erased(
        connection,
        [*emptied, *(mart.relation for mart in marts), *today_tables(connection), *partitions, *COPIES],
    )
    return gone, days


def vacuum(engine: Engine, relations: Sequence[str]) -> None:
    """Remove deleted rows from the files of these relations, and their values from the planner's statistics."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for relation in relations:
            if exists(connection, relation):
                connection.exec_driver_sql(f"vacuum (analyze) {relation}")
        if connection.scalar(text("select to_regprocedure('pg_clear_attribute_stats(text, text, text, boolean)')")):
            connection.execute(text(_FORGET_VALUES))


_FORGET_VALUES = """
select pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
from pg_stats
join pg_class c on c.oid = to_regclass(format('%I.%I', schemaname, tablename))
where schemaname in ('raw', 'ops', 'marts', 'today') and reltuples = 0
"""
"""For tables that are empty now: there `analyze` keeps the statistics of the last rows. PostgreSQL 18."""


def _mark_days(connection: Connection, marts: Sequence[Mart], person: Person) -> int:
    """Mark every day with rows of the person; for shared devices and orders also the days of the other people."""
    days = [
        "select event_date from person_events",
        "select event_date from raw.events where site_id = :site and anonymous_id = any(:devices)",
    ]
    days += [
        f"select {DAY} from {mart.relation} r where {of_person(mart.people)}"
        for mart in marts
        if mart.has_day and mart.people and exists(connection, mart.relation)
    ]
    days += [
        _SHARED_ORDERS.format(of_person=of_person(mart.people))
        for mart in marts
        if mart.name == "commerce_events" and mart.people and exists(connection, mart.relation)
    ]
    return mark_found(
        connection,
        "select cast(:site as text) as site_id, event_date, cast(:cause as text) as cause"
        f" from ({' union '.join(days)}) days",
        {
            "cause": Cause.ERASURE,
            "site": person.site_id,
            "user": person.user_id,
            "devices": person.shared_devices,
        },
    )


_PARTITIONS = """
select distinct 'raw.events_' || to_char(event_date + n, 'YYYYMMDD')
from person_events cross join generate_series(-1, 1) as n
"""
"""With the days beside: a copy that lost, or an event in another timezone, lay there."""

_SHARED_ORDERS = """
select o.event_date
from marts.commerce_events r
join marts.commerce_events o
    on o.site_id = r.site_id
    and (o.checkout_id = r.checkout_id or (o.order_type = r.order_type and o.order_id = r.order_id))
where {of_person}
"""

_LEDGER = """
update ops.landed_files f
set
    loaded_count = loaded_count - events,
    rejected_count = rejected_count - rejects,
    suppressed_count = suppressed_count + events + rejects
from (
    select file_id, sum(event)::bigint as events, sum(reject)::bigint as rejects
    from (
        select file_id, 1 as event, 0 as reject from person_events
        union all
        select file_id, 0, 1 from raw.rejects where reject_id in (select reject_id from person_rejects)
    ) lines
    group by file_id
) gone
where f.file_id = gone.file_id and f.state = 'loaded'
"""

_SHARED = (
    # Where this person was the first on a device, the first session that is left now describes the device.
    """
    insert into marts.visitors (
        site_id, visitor_id, anonymous_id, first_seen_at, first_seen_date, last_seen_at, first_session_id,
        first_landing_page, first_referrer, first_channel, first_source, first_medium, first_campaign
    )
    select distinct on (visitor_id)
        site_id, visitor_id, anonymous_id, started_at, event_date, ended_at, session_id,
        landing_page, referrer, channel, source, medium, campaign
    from marts.sessions
    where site_id = :site and visitor_id = any(:devices)
    order by visitor_id, started_at, ended_at, first_event_id
    on conflict do nothing
    """,
    """
    update marts.identities i set to_at = (
        select min(from_at) from marts.identities n
        where n.site_id = i.site_id and n.visitor_id = i.visitor_id and n.from_at > i.from_at
    )
    where site_id = :site and visitor_id = any(:devices)
    """,
    """
    update marts.visitors v set
        last_seen_at = coalesce((
            select max(ended_at) from marts.sessions s where s.site_id = v.site_id and s.visitor_id = v.visitor_id
        ), first_seen_at),
        current_user_id = (
            select user_id from marts.identities i
            where i.site_id = v.site_id and i.visitor_id = v.visitor_id and to_at is null
        )
    where site_id = :site and visitor_id = any(:devices)
    """,
)


def clear_copies(connection: Connection) -> None:
    """Clear the copies of everyone's rows: the open day, the tables of builds, and the samples of failed checks.

    The caller holds TODAY: a build under way would make the copies again.
    """
    clear_today(connection)
    tables: Iterable[str] = connection.execute(
        text(
            "select oid::regclass::text from pg_class where relkind = 'r' and relname <> 'slice_days'"
            " and (relnamespace in ('intermediate'::regnamespace, 'audit'::regnamespace, 'today_build'::regnamespace)"
            " or oid = to_regclass('staging.stg_site_options'))"
        )
    ).scalars()
    # Dropped together with their statistics; the next build makes them again.
    if names := ", ".join(tables):
        connection.exec_driver_sql(f"set local role {Role.TRANSFORMER}")
        connection.exec_driver_sql(f"drop table {names} cascade")
        connection.exec_driver_sql("set local role none")
    connection.execute(text("update ops.candidates set state = 'abandoned' where state in ('building', 'built')"))
    connection.execute(
        text(
            "update ops.check_results set failing_rows = null, observed = 'cleared by an erasure'"
            " where not passed and (failing_rows is not null or observed <> 'cleared by an erasure')"
        )
    )
