"""The open day before its night: which days are built, and replacing what is in schema today.

What is there shows only as long as nothing is published after its build began: see `ops.today_as_of`. So neither waits
for the other. Building is left to `footfall.pipeline.today`, tables and views to `warehouse.tables.today`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import sql
from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from runtime.failpoints import reach
from warehouse.access.zones import buildable_sites, sites_to_redate
from warehouse.postgres.catalog import columns, run
from warehouse.publication.dirty_days import newest_mark
from warehouse.publication.held_days import MODEL_BUILT, list_held
from warehouse.publication.plain import require_plain
from warehouse.publication.publish import kept_no_day
from warehouse.publication.slices import Slice, refuse_frozen, set_days
from warehouse.tables.decisions import Mart
from warehouse.tables.today import empty, replaced_by, replaced_columns, rows_of

BUILT_IN = "today_build"
"""The schema in which dbt builds the open day."""
RECENT = timedelta(days=2)
"""A site of which a day so near cannot be built has no open day: the day before it is built with it."""


class NotNow(FootfallError):
    """Why the open day is not built now. What was built of it stays as it is."""


@dataclass(frozen=True)
class Begun:
    """A build of the open day that was begun."""

    build_number: int
    days: Slice | None
    """None: all of it is published, so that nothing is to be built."""
    as_of: datetime
    publication_id: int | None
    newest_mark: int
    code_version: str


def begin(connection: Connection, code_version: str) -> Begun | None:
    """Begin a build: set its days up for dbt. None if nothing came since the last one, which is as of now then.

    Raises:
        NotNow: events of a site are being moved to other days.
        SliceError: raw events of one of the days are gone.
    """
    if sites := sites_to_redate(connection):
        raise NotNow(f"events of {', '.join(sites)} are being moved to the days of another timezone")
    state = connection.execute(text(_STATE), {"mark": newest_mark(connection), "code_version": code_version}).one()
    known = {"mark": state.newest_mark, "code_version": code_version}
    if connection.execute(text(_SAME), known).rowcount:
        return None
    days = _open_days(connection)
    if days:
        refuse_frozen(connection, days.days)
        set_days(connection, BUILT_IN, days, days.sites or frozenset())
    number: int = connection.execute(text(_BEGIN)).scalar_one()
    return Begun(number, days, state.as_of, state.publication_id, state.newest_mark, code_version)


def replace(connection: Connection, begun: Begun, marts: Sequence[Mart]) -> int:
    """Replace what is in schema today by what was built, as the publisher. Return the number of sessions.

    Readers see the one or the other. The caller commits.

    Raises:
        NotNow: rows were removed for good since the build began, or something was published.
        NotPlain: a relation of the build is more than a plain table of the transformer's.
    """
    if not connection.execute(text(_REPLACE), vars(begun)).rowcount:
        raise NotNow("something was published, pruned or erased meanwhile; the next build takes it into account")
    keys = {f"{BUILT_IN}.{mart.replaced_keys}" for mart in marts}
    if begun.days:
        require_plain(connection, [*(f"{BUILT_IN}.{mart.name}" for mart in marts), *sorted(keys)])
    connection.execute(text("set local default_statistics_target = 10"))
    never_rows = kept_no_day(connection)
    for mart in marts:
        empty(connection, [replaced_by(mart), rows_of(mart)])
        if begun.days:
            _fill(connection, mart, mart.retention.anonymous_at_most in never_rows)
        reach("today:mart", connection)
    return int(connection.scalar(text("select count(*) from today.sessions where not is_bot")) or 0)


_STATE = """
select
    now() as as_of,
    (select max(publication_id) from ops.publications) as publication_id,
    cast(:mark as bigint) as newest_mark
"""

_SAME = """
update ops.today set as_of = now()
where
    as_of is not null
    and newest_mark = :mark
    and code_version = :code_version
    and publication_id is not distinct from (select max(publication_id) from ops.publications)
"""

_BEGIN = """
insert into ops.today (build_number) values (1)
on conflict (is_only) do update set build_number = ops.today.build_number + 1
returning build_number
"""

_REPLACE = """
update ops.today set
    publication_id = :publication_id, newest_mark = :newest_mark, code_version = :code_version, as_of = :as_of
where
    build_number = :build_number
    and (select max(publication_id) from ops.publications) is not distinct from cast(:publication_id as bigint)
"""

_DAYS = """
with open_days as (
    select
        min((now() at time zone timezone)::date) as first_day,
        max((now() at time zone timezone)::date) as last_day
    from ops.sites
    where site_id = any(:sites)
),

waiting as (
    select min(event_date) as first_day
    from ops.dirty_days
    where
        site_id = any(:sites)
        and event_date between (select first_day - 1 from open_days) and (select last_day from open_days)
)

select least(waiting.first_day, open_days.first_day) as first_day, open_days.last_day
from open_days
cross join waiting
where waiting.first_day is not null
"""


def _open_days(connection: Connection) -> Slice | None:
    """Return the open days of all sites, and the day before if it waits to be built. None if none of them waits."""
    recent = datetime.now(UTC).date() - RECENT
    unbuilt = {held.site_id for held in list_held(connection) if held.expectation == MODEL_BUILT and held.day >= recent}
    sites = buildable_sites(connection) - unbuilt
    found = connection.execute(text(_DAYS), {"sites": sorted(sites)}).first()
    return Slice(found.first_day, found.last_day, sites) if found else None


def _fill(connection: Connection, mart: Mart, only_signed_in: bool) -> None:
    """Copy the mart's rows of the open day, and the keys of the published rows that they replace."""
    keys = columns(connection, f"{BUILT_IN}.{mart.replaced_keys}")
    parts = {
        "built": sql.Identifier(BUILT_IN, mart.name),
        "keys": sql.Identifier(BUILT_IN, mart.replaced_keys),
        "rows": _name(rows_of(mart)),
        "replaced": _name(replaced_by(mart)),
        "published": _name(mart.relation),
        "columns": sql.SQL(", ").join(map(sql.Identifier, mart.column_names)),
        "of_replaced": sql.SQL(", ").join(sql.Identifier(each.name) for each in replaced_columns(mart)),
        "match": sql.SQL(" and ").join(sql.SQL("m.{0} = s.{0}").format(sql.Identifier(key)) for key in keys),
    }
    insert = "insert into {rows} ({columns}) select {columns} from {built}"
    if only_signed_in and mart.people and mart.people.user:
        insert += " where {user} is not null"
        parts["user"] = sql.Identifier(mart.people.user)
    replaced = (
        "insert into {replaced} ({of_replaced}) select {of_replaced} from {published} as m"
        " where exists (select from {keys} as s where {match})"
    )
    for statement in (insert, replaced, "analyze {rows}", "analyze {replaced}"):
        run(connection, sql.SQL(statement).format(**parts))


def _name(relation: str) -> sql.Identifier:
    return sql.Identifier(*relation.split("."))
